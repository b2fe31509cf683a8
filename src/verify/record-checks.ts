/** The checks of a bare record v1 (docs/checks.md): what the record alone can show, and no more. */

import { type Circuit, circuitDigest } from '../circuit/circuit.ts';
import { emitOpenQasm3, OPENQASM3_EMITTER } from '../circuit/openqasm3.ts';
import { emitForSdk } from '../circuit/sdk-text.ts';
import { buildWorkload, findWorkload } from '../circuit/workloads.ts';
import { utf8 } from '../core/bytes.ts';
import { type Digest, digestBytes, digestOf } from '../core/digest.ts';
import { QpoeError } from '../core/error.ts';
import { parseTime } from '../core/time.ts';
import { recordHash } from '../record/record.ts';
import type { ExecutionRecord, Program, Result } from '../record/schema.ts';
import { type Check, type Found, found, makeCheck } from './check.ts';
import { checkSignature, signatureCheck } from './signature-checks.ts';
import { checkSigner, signerCheck } from './signer-checks.ts';
import { skewOf, type Trust } from './trust.ts';
import type { TrustedTime } from './trusted-time.ts';

/** A circuit with more gates than this is not rebuilt while verifying: a record must not be able to stall its reader. */
const MAX_REBUILT_OPERATIONS = 250_000;

/**
 * @param now milliseconds since 1970
 * @param time by when others say that the record existed
 */
export async function checkRecord(
  record: ExecutionRecord,
  trust: Trust,
  now: number,
  time?: TrustedTime,
): Promise<Check[]> {
  const hash = checkHash(record);
  const signature = hash.status === 'pass' ? await checkOwnSignature(record) : needs('record.hash');
  const signer =
    signature.status === 'pass' ? checkSigner(record.record.public_key!, trust, time) : dependOn(signature);
  return [
    makeCheck('record.hash', 'SHA-256', hash),
    signatureCheck(signature),
    signerCheck(signer),
    ...checkContent(record, trust, now),
  ];
}

/** What the record says, whoever signed it. */
export function checkContent(record: ExecutionRecord, trust: Trust, now: number): Check[] {
  const rebuilt = rebuild(record);
  return [
    makeCheck(
      'record.counts',
      'arithmetic',
      checkCounts(record, 'circuit' in rebuilt ? rebuilt.circuit.bits : undefined),
    ),
    makeCheck('record.times', "the signer's clock", checkTimes(record, skewOf(trust), now)),
    makeCheck('circuit.rebuild', 'the workload, built again here', checkRebuild(record, rebuilt)),
    makeCheck('circuit.source', 'the text, written again here', checkSource(record, rebuilt)),
  ];
}

function needs(id: string): Found {
  return found('skipped', `needs ${id}`);
}

function dependOn(signature: Found): Found {
  return signature.status === 'absent'
    ? found('absent', 'the record is unsigned')
    : needs('record.signature');
}

function checkHash(record: ExecutionRecord): Found {
  const computed = recordHash(record);
  return computed === record.record.hash
    ? found('pass', computed)
    : found(
        'fail',
        `the record says ${record.record.hash}, its content hashes to ${computed}`,
        'hash.mismatch',
      );
}

function checkOwnSignature({ record }: ExecutionRecord): Found | Promise<Found> {
  if (record.signature_alg === 'none')
    return found('absent', 'the record is unsigned', 'signature.none', 'anyone could have written it');
  return checkSignature(
    { publicKey: record.public_key, signature: record.signature },
    digestBytes(record.hash),
  );
}

/** @param bits how many the rebuilt circuit writes, where there is one */
function checkCounts({ workload, execution }: ExecutionRecord, bits: number | undefined): Found {
  const { programs } = workload;
  const results = execution.result_summary;
  if (results.length !== programs.length)
    return found('fail', `${results.length} results for ${programs.length} programs`, 'counts.programs');
  const total = programs.reduce((sum, program) => sum + program.shots, 0);
  if (total !== workload.shots)
    return found(
      'fail',
      `the programs have ${total} shots, the workload says ${workload.shots}`,
      'counts.total',
    );
  let digests = 0;
  for (const [index, result] of results.entries()) {
    const fault = findResultFault(result, programs[index]!, bits);
    if (fault !== undefined) return found('fail', `result ${index}: ${fault}`, 'counts.result');
    if (result.kind === 'counts' && 'digest' in result) digests++;
  }
  const none = results.filter(({ kind }) => kind === 'none').length;
  if (none === results.length) return found('absent', 'the record holds no result', 'counts.none');
  if (none > 0)
    return found('unknown', `${none} of ${results.length} programs have no result`, 'counts.none');
  if (digests > 0)
    return found(
      'unknown',
      `${digests} of ${results.length} results stand here by digest only`,
      'counts.digest',
    );
  return found('pass', `${results.length === 1 ? '1 result' : `${results.length} results`}, ${total} shots`);
}

function findResultFault(result: Result, { shots }: Program, bits: number | undefined): string | undefined {
  if (result.kind === 'none') return undefined;
  if (result.kind === 'expectation')
    return result.std_errors !== undefined && result.std_errors.length !== result.values.length
      ? `${result.std_errors.length} standard errors for ${result.values.length} values`
      : undefined;
  if (bits !== undefined && result.bits !== bits) return `${result.bits} bits, the circuit writes ${bits}`;
  if ('digest' in result)
    return result.outcomes > Math.min(shots, largestCount(result.bits))
      ? `${result.outcomes} outcomes from ${shots} shots of ${result.bits} bits`
      : undefined;
  let sum = 0;
  for (const [key, count] of Object.entries(result.counts)) {
    if (key.length !== result.bits) return `outcome ${key} has ${key.length} bits, not ${result.bits}`;
    sum += count;
  }
  return sum === shots ? undefined : `its counts add up to ${sum}, not to ${shots} shots`;
}

/** How many outcomes so many bits have, as far as a shot count could tell. */
function largestCount(bits: number): number {
  return bits < 53 ? 2 ** bits : Number.MAX_SAFE_INTEGER;
}

function checkTimes({ execution, record }: ExecutionRecord, skew: number, now: number): Found {
  const started = parseTime(execution.started_at)!;
  const finished = parseTime(execution.finished_at)!;
  const created = parseTime(record.created_at)!;
  const identified = Number.parseInt(record.record_id.replaceAll('-', '').slice(0, 12), 16);
  if (started > finished + skew) return found('fail', 'finished before it started', 'times.order');
  if (finished > created + skew) return found('fail', 'recorded before it finished', 'times.order');
  if (Math.abs(identified - created) > skew)
    return found('fail', 'the time in record_id is not created_at', 'times.record-id');
  if (created > now + skew)
    return found(
      'unknown',
      `${record.created_at} is in the future here`,
      'times.future',
      "check this machine's clock",
    );
  return found('pass', `${execution.started_at} → ${execution.finished_at} → ${record.created_at}`);
}

/** The workload's circuit, or why there is none to compare with. */
type Rebuilt = { readonly circuit: Circuit } | { readonly none: Found };

function rebuild({ workload }: ExecutionRecord): Rebuilt {
  const family = findWorkload(workload.name);
  if (family === undefined || workload.programs.length !== 1)
    return { none: found('absent', whyNoRebuild(workload.name)) };
  try {
    if (family.size(workload.parameters as never) > MAX_REBUILT_OPERATIONS)
      return { none: found('unknown', `more than ${MAX_REBUILT_OPERATIONS} gates`, 'circuit.size') };
    return { circuit: buildWorkload(family, workload.parameters) };
  } catch (error) {
    if (!(error instanceof QpoeError)) throw error;
    return { none: found('fail', error.message, 'circuit.parameters') };
  }
}

/** What circuits of one's own are called where they are recorded. */
const OWN = ['circuit', 'job'];

function whyNoRebuild(name: string): string {
  return OWN.includes(name)
    ? 'a circuit of your own: there is no named workload to rebuild'
    : `"${name}" is no workload that can be built again`;
}

function checkRebuild({ workload }: ExecutionRecord, rebuilt: Rebuilt): Found {
  if ('none' in rebuilt) return rebuilt.none;
  return compareDigests(workload.programs[0]!.circuit, circuitDigest(rebuilt.circuit), 'circuit.mismatch');
}

function checkSource({ workload, execution }: ExecutionRecord, rebuilt: Rebuilt): Found {
  const named = workload.programs.filter((program) => program.source !== undefined);
  const lists = named.filter((program) => program.source!.format === 'gate-list');
  const other = lists.find(
    (program) => program.circuit !== undefined && program.source!.digest !== program.circuit,
  );
  if (other !== undefined) return compareDigests(other.source!.digest, other.circuit, 'source.mismatch');
  if (named.length === 0) return found('absent', 'the record names no source text');
  if (lists.length === workload.programs.length) return found('pass', 'the gate list itself');
  if ('none' in rebuilt) return rebuilt.none.status === 'fail' ? needs('circuit.rebuild') : rebuilt.none;
  const { format, digest } = named[0]!.source!;
  if (format !== 'openqasm3' || execution.environment.openqasm3_emitter !== OPENQASM3_EMITTER)
    return found('absent', `${format} that was not written by this program`);
  const text = writeOpenQasm3(workload.sdk, rebuilt.circuit);
  return compareDigests(digest, digestOf(utf8(text)), 'source.mismatch');
}

/** Whatever calls itself an SDK that is given gate lists, and names OpenQASM, means the plain text. */
function writeOpenQasm3(sdk: string, circuit: Circuit): string {
  const { format, text } = emitForSdk(sdk, circuit);
  return format === 'openqasm3' ? text : emitOpenQasm3(circuit);
}

function compareDigests(recorded: Digest | undefined, expected: Digest | undefined, code: string): Found {
  if (recorded === undefined || expected === undefined)
    return found('unknown', 'the record names no circuit');
  return recorded === expected
    ? found('pass', recorded)
    : found('fail', `the record says ${recorded}, not ${expected}`, code);
}
