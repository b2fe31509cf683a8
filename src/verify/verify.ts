/** From bytes and trust to a verdict. Reads nothing else, opens nothing, and stops at no check. */

import { JsonError, type JsonObject, type JsonValue, parseJsonBytes } from '../core/json.ts';
import { parsePythonJson } from '../core/python-json.ts';
import { isOriginalLike, readOriginal } from '../record/original.ts';
import { readRecord } from '../record/read-record.ts';
import { SCHEMA_VERSION } from '../record/schema.ts';
import type { Check, Outcome, Verdict } from './check.ts';
import { type AskSdk, checkOriginal } from './original-checks.ts';
import { checkRecord } from './record-checks.ts';
import { findRecordSigner, type Trust } from './trust.ts';

/** What no check of a record can show. Printed with every verdict. */
const NOT_PROVEN: readonly string[] = [
  'that quantum hardware ran it: a provider signs nothing',
  'that no other run was made and discarded',
  'that what was signed was true: the signer vouches for it',
  'when it ran: the times are the signer’s own',
];

const FORMAT_CLAIM = 'The file is an execution record, and nothing else.';

const ORIGINAL_NOT_PROVEN: readonly string[] = [
  ...NOT_PROVEN,
  'that no one else signed it first: the original’s formats leave the key out of the hash',
];

/**
 * @param now milliseconds since 1970
 * @param askSdk a real SDK, for what only one can tell of the original's records
 */
export async function verifyBytes(
  bytes: Uint8Array,
  trust: Trust,
  now: number,
  askSdk?: AskSdk,
): Promise<Verdict> {
  let value: JsonValue;
  try {
    value = parseJsonBytes(bytes);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    // Python's whole numbers have no limit.
    if (error.code === 'json.number' && isOriginalBytes(bytes))
      return verifyOriginal(bytes, trust, now, askSdk);
    return looksLikeRecord(bytes)
      ? malformed(error.message, error.code)
      : unrecognised(bytes.length === 0 ? 'the file is empty' : `not strict JSON: ${error.message}`);
  }
  if (isOriginalLike(value)) return verifyOriginal(bytes, trust, now, askSdk);
  return isRecordLike(value) ? verifyRecord(value, trust, now) : unrecognised('not an execution record');
}

/** A file that names a record's schema means to be a record, however broken it is: it fails, and is not passed over. */
function looksLikeRecord(bytes: Uint8Array): boolean {
  return /"schema_version"|"schema"\s*:\s*"qpoe-/.test(
    new TextDecoder().decode(bytes.subarray(0, 1_000_000)),
  );
}

function isOriginalBytes(bytes: Uint8Array): boolean {
  try {
    return isOriginalLike(parsePythonJson(bytes));
  } catch (error) {
    if (error instanceof JsonError) return false;
    throw error;
  }
}

/** @param bytes JSON for which `isOriginalLike` holds */
async function verifyOriginal(
  bytes: Uint8Array,
  trust: Trust,
  now: number,
  askSdk: AskSdk | undefined,
): Promise<Verdict> {
  const { value: record, fault, code } = readOriginal(bytes);
  if (fault !== undefined) return malformed(fault, code);
  const format = formatCheck('pass', `record ${record.format} of the original toolkit`);
  const checks = [format, ...(await checkOriginal(record, trust, now, askSdk)), ...demanded(trust)];
  const judged = {
    version: record.format,
    ...(record.recordId === undefined ? {} : { record_id: record.recordId }),
    hash: record.hash.recorded,
  };
  return judge(judged, record.signature?.publicKey, checks, trust, ORIGINAL_NOT_PROVEN);
}

function isRecordLike(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'schema_version');
}

async function verifyRecord(value: JsonObject, trust: Trust, now: number): Promise<Verdict> {
  if (Object.hasOwn(value, 'schema'))
    return malformed('both "schema" and "schema_version": two formats at once', 'format.ambiguous');
  if (isNewer(value.schema_version)) return newer(String(value.schema_version));
  const { value: record, fault } = readRecord(value);
  if (fault !== undefined) return malformed(fault, 'format.shape');
  const format: Check = formatCheck('pass', `record ${SCHEMA_VERSION}`);
  const checks = [format, ...(await checkRecord(record, trust, now)), ...demanded(trust)];
  const judged = {
    version: record.schema_version,
    record_id: record.record.record_id,
    hash: record.record.hash,
  };
  return judge(judged, record.record.public_key ?? undefined, checks, trust, NOT_PROVEN);
}

function isNewer(version: JsonValue | undefined): boolean {
  const match = typeof version === 'string' ? /^([1-9]\d{0,3})\.(0|[1-9]\d{0,3})$/.exec(version) : null;
  return match !== null && version !== SCHEMA_VERSION;
}

/** What the policy demands of every file and this version can't show. */
function demanded(trust: Trust): Check[] {
  if (trust.kind !== 'policy' || trust.policy.require?.plausibility !== true) return [];
  return [
    {
      id: 'plausibility',
      status: 'missing',
      claim: 'The counts are what the circuit can give.',
      evidence: 'this version of qpoe does not judge it',
      relies_on: 'simulation',
      hint: 'take `plausibility` out of the policy, or verify with a version that judges it',
    },
  ];
}

function formatCheck(status: Check['status'], evidence: string, code?: string): Check {
  return {
    id: 'record.format',
    status,
    claim: FORMAT_CLAIM,
    evidence,
    relies_on: 'nobody',
    ...(code === undefined ? {} : { code }),
  };
}

function malformed(reason: string, code: string): Verdict {
  return {
    verdict: 'fail',
    headline: 'FAIL: record.format',
    kind: 'record',
    checks: [formatCheck('fail', reason, code)],
    not_proven: NOT_PROVEN,
  };
}

function unrecognised(reason: string): Verdict {
  return {
    verdict: 'fail',
    headline: 'FAIL: nothing that qpoe can verify',
    kind: 'unrecognised',
    checks: [formatCheck('fail', reason, 'format.unrecognised')],
    not_proven: NOT_PROVEN,
  };
}

function newer(version: string): Verdict {
  return {
    verdict: 'inconclusive',
    headline: 'NEWER FORMAT',
    kind: 'record',
    version,
    checks: [
      {
        ...formatCheck(
          'unknown',
          `record ${version}, this program knows up to ${SCHEMA_VERSION}`,
          'format.newer',
        ),
        hint: 'verify it with a newer qpoe',
      },
    ],
    not_proven: NOT_PROVEN,
  };
}

function judge(
  judged: Pick<Verdict, 'version' | 'record_id' | 'hash'>,
  publicKey: string | undefined,
  checks: readonly Check[],
  trust: Trust,
  notProven: readonly string[],
): Verdict {
  const [verdict, headline] = conclude(checks, trust);
  const signer =
    trust.kind === 'policy' && verdict === 'pass'
      ? findRecordSigner(trust.policy, publicKey!)?.name
      : undefined;
  return {
    verdict,
    headline,
    kind: 'record',
    ...judged,
    ...(signer === undefined ? {} : { signer }),
    checks,
    not_proven: notProven,
  };
}

/** The one place where statuses become a verdict. */
function conclude(checks: readonly Check[], trust: Trust): [Outcome, string] {
  const failed = checks.filter((check) => check.status === 'fail').map((check) => check.id);
  if (failed.length > 0) return ['fail', `FAIL: ${failed.join(', ')}`];
  if (trust.kind === 'unasked')
    return ['pass', 'INTACT: every hash and signature present holds, signer not judged'];
  const signer = checks.find((check) => check.id === 'record.signer');
  if (signer?.status !== 'pass') return ['inconclusive', 'INTACT, SIGNER UNKNOWN TO YOU'];
  const missing = checks.filter((check) => check.status === 'missing').map((check) => check.id);
  if (missing.length > 0) return ['inconclusive', `INCOMPLETE: ${missing.join(', ')}`];
  return ['pass', `PASS: signed by ${signer.evidence}`];
}
