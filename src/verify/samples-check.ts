/**
 * An imported record's results against the provider's raw answer, where that lies beside it: every shot is counted again. The raw
 * answer is the importer's word as much as the counts are; but who edits one has to edit the other, and to sign both.
 */

import { readOpenQasm } from '../circuit/read-openqasm.ts';
import { fromUtf8 } from '../core/bytes.ts';
import { QpoeError } from '../core/error.ts';
import type { JsonLimits } from '../core/json.ts';
import type { Inflation } from '../record/job-results/encoded.ts';
import { sizeOf } from '../record/job-results/npy.ts';
import type { PubOutcome } from '../record/job-results/pub-outcome.ts';
import { readResults } from '../record/job-results/read-results.ts';
import { countShots, type Register } from '../record/job-results/register.ts';
import { summarizeCounts } from '../record/result.ts';
import { type ExecutionRecord, MAX_INLINE_OUTCOMES, type Program, type Result } from '../record/schema.ts';
import { decodeArtifact, type EvidenceBundle } from './bundle.ts';
import { type Check, type Found, found, makeCheck } from './check.ts';

type Artifacts = EvidenceBundle['artifacts'];
export type Inflate = NonNullable<Inflation['inflate']>;

/** A record must not be able to stall its reader, nor to fill its memory. */
const LIMITS: JsonLimits = { bytes: 50_000_000, depth: 64, items: 5_000_000 };
const MAX_BITS = 2 ** 26;
const SPARE_BYTES = 2 ** 20;
/** What an importer writes down of a provider's answer in this form. */
const PROVIDER = 'ibm-quantum';

/** Nothing of a record that no provider's answer is behind. */
export function samplesCheck(
  { workload, execution }: ExecutionRecord,
  artifacts: Artifacts,
  inflate: Inflate | undefined,
): Check[] {
  if (execution.class !== 'imported' || execution.job.provider !== PROVIDER) return [];
  const raw = artifacts[execution.result_digest as never];
  const judged =
    raw === undefined
      ? found('absent', 'the provider’s raw answer is not here')
      : judge(decodeArtifact(raw)!, { programs: workload.programs, execution, artifacts }, inflate);
  return [makeCheck('result.samples', 'arithmetic, and the importer for the raw answer', judged)];
}

interface Recorded {
  readonly programs: readonly Program[];
  readonly execution: ExecutionRecord['execution'];
  readonly artifacts: Artifacts;
}

function judge(bytes: Uint8Array, recorded: Recorded, inflate: Inflate | undefined): Found {
  const { result_summary: results } = recorded.execution;
  const told = results.filter(({ kind }) => kind !== 'none');
  if (told.length === 0) return found('absent', 'the record holds no result');
  const bits = bitsToCount(recorded);
  if (bits > MAX_BITS) return found('unknown', 'more shots than are counted here', 'samples.unread');
  const read = readResults(bytes, LIMITS, { left: Math.ceil(bits) + SPARE_BYTES, inflate });
  if (read.form === 'unknown') return found('unknown', read.reason, 'samples.unread');
  const other = read.pubs.find((pub) => pub.kind === 'other');
  if (other !== undefined) return found('unknown', other.reason, 'samples.unread');
  const values = read.pubs.filter((pub) => pub.kind === 'expectation');
  if (values.length === 0) return judgeCounts(read.pubs as readonly Counted[], recorded);
  return values.length === read.pubs.length
    ? judgeValues(values, results)
    : found('unknown', 'counts and expectation values in one answer', 'samples.unread');
}

/** At least a byte a register and shot, and eight a value. */
function bitsToCount({ programs, execution }: Recorded): number {
  const bits = execution.result_summary.map((result, at) =>
    result.kind === 'counts'
      ? result.bits * (programs[at]?.shots ?? 0)
      : result.kind === 'expectation'
        ? 128 * result.values.length
        : 0,
  );
  return bits.reduce((sum, one) => sum + one, 0);
}

type Counted = PubOutcome & { readonly kind: 'counts' };

interface Point {
  readonly registers: readonly Register[];
  readonly point: number;
}

function judgeCounts(pubs: readonly Counted[], recorded: Recorded): Found {
  const results = recorded.execution.result_summary;
  const points = pubs.flatMap(({ registers }): Point[] =>
    Array.from({ length: sizeOf(registers[0]!.shape) }, (_, point) => ({ registers, point })),
  );
  const isWhole = results.every(({ kind }) => kind !== 'none');
  if (points.length !== results.length)
    return found(
      isWhole ? 'fail' : 'unknown',
      `the raw answer has results of ${points.length} programs, the record of ${results.length}`,
      'samples.programs',
    );
  for (const [at, point] of points.entries()) {
    const fault = findFault(point, results[at]!, recorded, at);
    if (fault !== undefined) return { ...fault, evidence: `result ${at}: ${fault.evidence}` };
  }
  const counted = results.filter(({ kind }) => kind === 'counts').length;
  return found('pass', `${counted === 1 ? '1 result' : `${counted} results`} counted again, shot by shot`);
}

function findFault(point: Point, result: Result, recorded: Recorded, at: number): Found | undefined {
  if (result.kind === 'none') return undefined;
  if (result.kind !== 'counts') return found('fail', 'its raw answer is counts', 'samples.mismatch');
  const { registers } = point;
  const bits = registers.reduce((sum, register) => sum + register.bits, 0);
  const { shots } = registers[0]!;
  if (bits !== result.bits || shots !== recorded.programs[at]!.shots)
    return found(
      'fail',
      `the raw answer has ${shots} shots of ${bits} bits, the record ${recorded.programs[at]!.shots} of ${result.bits}`,
      'samples.mismatch',
    );
  const declared = registers.length === 1 ? undefined : declaredOrder(recorded, at);
  if (isResult(countShots(inOrder(registers, declared), point.point), result)) return undefined;
  return registers.length > 1 && declared === undefined
    ? found(
        'unknown',
        'the order of its registers stands in a circuit that is not read here',
        'samples.order',
      )
    : found('fail', 'the raw answer’s shots give other counts', 'samples.mismatch');
}

function isResult(counts: ReadonlyMap<string, number>, result: Result & { kind: 'counts' }): boolean {
  if ('digest' in result) {
    const { result: again } = summarizeCounts(counts, result.bits, 0);
    return 'digest' in again && again.digest === result.digest && again.outcomes === result.outcomes;
  }
  const keys = Object.keys(result.counts);
  return (
    counts.size <= MAX_INLINE_OUTCOMES &&
    keys.length === counts.size &&
    keys.every((key) => result.counts[key] === counts.get(key))
  );
}

/** A circuit knows it; the raw answer's own order is taken where the two name different registers. */
function inOrder(
  registers: readonly Register[],
  declared: readonly string[] | undefined,
): readonly Register[] {
  const ordered = declared?.flatMap((name) => registers.find((register) => register.name === name) ?? []);
  return ordered?.length === registers.length ? ordered : registers;
}

/** Names of the classical registers of the circuit that ran; undefined where it isn't here as OpenQASM. */
function declaredOrder(
  { programs, execution, artifacts }: Recorded,
  at: number,
): readonly string[] | undefined {
  const executed = execution.executed_circuits.find(({ program }) => program === at);
  for (const named of [executed, programs[at]!.source]) {
    const artifact = named?.format.startsWith('openqasm') ? artifacts[named.digest as never] : undefined;
    const text = artifact === undefined ? undefined : fromUtf8(decodeArtifact(artifact)!);
    if (text !== undefined) return registersOf(text, programs[at]!.values);
  }
  return undefined;
}

function registersOf(text: string, values: Program['values']): readonly string[] | undefined {
  const numbers = Object.entries(values).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number',
  );
  const parameters = /^\s*input\s/m.test(text) ? new Map(numbers) : undefined;
  try {
    return readOpenQasm(text, 'circuit', parameters).registers.map(({ name }) => name);
  } catch (error) {
    if (!(error instanceof QpoeError)) throw error;
    return undefined;
  }
}

/** Which value is which program's depends on shapes that the answer lacks: all of them, each as often, is what can be told. */
function judgeValues(
  pubs: readonly (PubOutcome & { kind: 'expectation' })[],
  results: readonly Result[],
): Found {
  if (results.some(({ kind }) => kind !== 'expectation'))
    return found('unknown', 'some programs have no expectation values', 'samples.unread');
  const raw = pubs.flatMap(({ values }) => [...values]).sort((a, b) => a - b);
  const recorded = results
    .flatMap((result) => (result.kind === 'expectation' ? result.values : []))
    .sort((a, b) => a - b);
  return raw.length === recorded.length && raw.every((value, at) => value === recorded[at])
    ? found(
        'pass',
        `${raw.length === 1 ? '1 expectation value' : `${raw.length} expectation values`}, as they came`,
      )
    : found('fail', 'the raw answer has other expectation values', 'samples.mismatch');
}
