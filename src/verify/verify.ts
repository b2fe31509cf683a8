/** From bytes and trust to a verdict. Reads nothing else, opens nothing, and stops at no check. */

import { isReceiptLike, looksLikeReceipts } from '../attest/read-receipts.ts';
import { isSigstoreBundle } from '../attest/sigstore-bundle.ts';
import { JsonError, type JsonObject, type JsonValue, parseJsonBytes, WRAPPED } from '../core/json.ts';
import { parsePythonJson } from '../core/python-json.ts';
import { isOriginalLike, readOriginal } from '../record/original.ts';
import { isNewerRecord, readRecord } from '../record/read-record.ts';
import { SCHEMA_VERSION } from '../record/schema.ts';
import { bindingChecks } from './binding-checks.ts';
import { isBundleLike } from './bundle.ts';
import { type Check, found, type Verdict } from './check.ts';
import type { StatementMeans } from './judge-statement.ts';
import { type AskSdk, checkOriginal } from './original-checks.ts';
import { type PlausibilityMeans, plausibilityCheck, plausibilityChecks } from './plausibility-check.ts';
import { checkRecord } from './record-checks.ts';
import type { Inflate } from './samples-check.ts';
import { findRecordSigner, type Trust } from './trust.ts';
import {
  formatCheck,
  judge,
  malformed,
  NOT_PROVEN,
  newer,
  notProvenOf,
  type Subject,
  unrecognised,
} from './verdict.ts';
import { verifyBundle } from './verify-bundle.ts';
import { type ReceiptMeans, verifyReceipts } from './verify-receipt.ts';
import { verifyStatement } from './verify-statement.ts';

const ORIGINAL_NOT_PROVEN: readonly string[] = [
  ...NOT_PROVEN,
  'that no one else signed it first: the original’s formats leave the key out of the hash',
];

/** What lies outside the file and the pure code, where someone handed it in. */
export interface Means extends StatementMeans, PlausibilityMeans {
  /** A real SDK, for what only one can tell of the original's records. */
  readonly askSdk?: AskSdk | undefined;
  /** Inflates zlib's form, for raw results: `inflateZlib`, in the command and on the page. */
  readonly inflate?: Inflate | undefined;
  /** Reads the signature that lies beside the file, or the file beside the signature; the JSON beside a CBOR sidecar. */
  readonly readBeside?: (() => Uint8Array | undefined) | undefined;
}

/**
 * The verdict on a record, bundle, statement or receipt. What doesn't hold, or is no evidence at all, is a verdict too: only a fault of this
 * program throws.
 * @param bytes the whole file
 * @param trust whom to believe: never taken from the evidence
 * @param now milliseconds since 1970
 * @param means what the pure code can't do; without them it is `unknown`: Sigstore's certificates, RFC 3161 stamps, a neighbouring signature
 */
export async function verifyBytes(
  bytes: Uint8Array,
  trust: Trust,
  now: number,
  means: Means = {},
): Promise<Verdict> {
  let value: JsonValue;
  try {
    value = parse(bytes);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    if (looksLikeReceipts(bytes)) return verifyReceipts(bytes, trust, receiptMeans(means));
    // Python's whole numbers have no limit.
    if (error.code === 'json.number' && isOriginalBytes(bytes))
      return verifyOriginal(bytes, trust, now, means);
    const meant = meantKind(bytes);
    return meant !== undefined
      ? malformed(meant, error.message, error.code)
      : unrecognised(reasonOf(bytes, error));
  }
  if (isBundleLike(value)) return verifyBundle(value, trust, now, means);
  if (isSigstoreBundle(value)) return verifyStatement(value, trust, now, means);
  if (isOriginalLike(value)) return verifyOriginal(bytes, trust, now, means);
  if (isRecordLike(value)) return verifyRecord(value, trust, now, means);
  if (isReceiptLike(value)) return verifyReceipts(bytes, trust, receiptMeans(means));
  return unrecognised('neither a record nor a statement nor a receipt');
}

function reasonOf(bytes: Uint8Array, error: JsonError): string {
  if (bytes.length === 0) return 'the file is empty';
  // `PK\x03\x04`
  return [0x50, 0x4b, 3, 4].every((byte, at) => bytes[at] === byte)
    ? 'a zip archive: unpack it and verify what is in it'
    : `not strict JSON: ${error.message}`;
}

function receiptMeans({ keyless, readBeside }: Means): ReceiptMeans {
  return { keyless, beside: readBeside?.() };
}

/** A document within its limits, or what wraps one, which may be larger and deeper. */
function parse(bytes: Uint8Array): JsonValue {
  try {
    return parseJsonBytes(bytes);
  } catch (error) {
    const wrapper = isLimit(error) ? parseWrapper(bytes) : undefined;
    if (wrapper === undefined) throw error;
    return wrapper;
  }
}

function isLimit(error: unknown): boolean {
  return error instanceof JsonError && ['json.size', 'json.depth'].includes(error.code);
}

function parseWrapper(bytes: Uint8Array): JsonObject | undefined {
  try {
    const value = parseJsonBytes(bytes, WRAPPED);
    return isSigstoreBundle(value) || isBundleLike(value) ? value : undefined;
  } catch (error) {
    if (error instanceof JsonError) return undefined;
    throw error;
  }
}

/** A file that names a format of ours means to be of it, however broken it is: it fails, and is not passed over. */
function meantKind(bytes: Uint8Array): 'record' | 'statement' | 'bundle' | undefined {
  const head = new TextDecoder().decode(bytes.subarray(0, 1_000_000));
  if (/"application\/vnd\.qpoe\.bundle\./.test(head)) return 'bundle';
  if (/"application\/vnd\.dev\.sigstore\.bundle/.test(head)) return 'statement';
  return /"schema_version"|"schema"\s*:\s*"qpoe-/.test(head) ? 'record' : undefined;
}

function isOriginalBytes(bytes: Uint8Array): boolean {
  try {
    return isOriginalLike(parsePythonJson(bytes));
  } catch (error) {
    if (error instanceof JsonError) return false;
    throw error;
  }
}

const NOT_THE_ORIGINALS = found(
  'unknown',
  'a record of the original toolkit holds no circuit',
  'plausibility.circuit',
);

/** @param bytes JSON for which `isOriginalLike` holds */
async function verifyOriginal(
  bytes: Uint8Array,
  trust: Trust,
  now: number,
  { askSdk, plausibility }: Means,
): Promise<Verdict> {
  const { value: record, fault, code } = readOriginal(bytes);
  if (fault !== undefined) return malformed('record', fault, code);
  const format = formatCheck('record.format', 'pass', `record ${record.format} of the original toolkit`);
  const asked = plausibility === undefined ? [] : [plausibilityCheck(NOT_THE_ORIGINALS, trust)];
  const checks = [format, ...(await checkOriginal(record, trust, now, askSdk)), ...asked];
  const subject: Subject = {
    kind: 'record',
    version: record.format,
    ...(record.recordId === undefined ? {} : { record_id: record.recordId }),
    hash: record.hash.recorded,
  };
  return judgeRecord(subject, record.signature?.publicKey, checks, trust, ORIGINAL_NOT_PROVEN);
}

function isRecordLike(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'schema_version');
}

async function verifyRecord(value: JsonObject, trust: Trust, now: number, means: Means): Promise<Verdict> {
  if (Object.hasOwn(value, 'schema'))
    return malformed('record', 'both "schema" and "schema_version": two formats at once', 'format.ambiguous');
  if (isNewerRecord(value.schema_version)) return newerRecord(String(value.schema_version));
  const { value: record, fault } = readRecord(value);
  if (fault !== undefined) return malformed('record', fault, 'format.shape');
  const format = formatCheck('record.format', 'pass', `record ${SCHEMA_VERSION}`);
  const about = await checkRecord(record, trust, now);
  const checks = [
    format,
    ...about,
    ...plausibilityChecks(record, about, trust, means),
    ...bindingChecks(record, []),
  ];
  const subject: Subject = {
    kind: 'record',
    version: record.schema_version,
    record_id: record.record.record_id,
    hash: record.record.hash,
  };
  return judgeRecord(subject, record.record.public_key ?? undefined, checks, trust, notProvenOf(record));
}

function judgeRecord(
  subject: Subject,
  publicKey: string | undefined,
  checks: readonly Check[],
  trust: Trust,
  notProven: readonly string[],
): Verdict {
  const name =
    trust.kind === 'policy' && publicKey !== undefined
      ? findRecordSigner(trust.policy, publicKey)?.name
      : undefined;
  const signer = checks.find(({ id }) => id === 'record.signer');
  return judge({ subject, checks, trust, signer, name, notProven });
}

function newerRecord(version: string): Verdict {
  return newer('record', `record ${version}, this program knows up to ${SCHEMA_VERSION}`, version);
}
