/**
 * Are a record's counts what its circuit can give? (docs/plausibility.md) It shows that counts fit, never that they were measured:
 * whoever simulates the circuit has counts that fit. Loaded only where someone asks, because it brings the simulator.
 */

import type { Circuit } from '../circuit/circuit.ts';
import { circuitDigest } from '../circuit/circuit.ts';
import { buildWorkload, findWorkload } from '../circuit/workloads.ts';
import { QpoeError } from '../core/error.ts';
import type { ExecutionRecord } from '../record/schema.ts';
import {
  type Effort,
  findIdealDistribution,
  type IdealDistribution,
} from '../simulator/ideal-distribution.ts';
import { adjustByHolm, SIGNIFICANCE } from '../statistics/significance.ts';
import { threeDigits } from '../statistics/three-digits.ts';
import { type Found, found } from './check.ts';
import { findCircuit, findCounts, type ReadObject } from './held-objects.ts';
import { isIdealSimulator } from './ideal-simulators.ts';
import { fitProgram, type NoiseFit, type ProgramFit } from './plausible-program.ts';

/** Amplitudes that are touched for one record: about a second. */
const EFFORT = 2 ** 29;
/** What the tests cost for each outcome, in amplitudes. */
const PER_OUTCOME = 32;
/** A workload with more gates is not built for this. */
const MAX_BUILT = 250_000;

interface Unjudged {
  readonly code: string;
  readonly reason: string;
}

type Judged =
  | { readonly program: number; readonly fit: ProgramFit }
  | (Unjudged & { readonly program: number });

/** @returns `fail` for what an ideal simulator can't have given: whether that fails a verification is the policy's to say */
export function judgePlausibility(record: ExecutionRecord, read: ReadObject): Found {
  const judged = judgePrograms(record, read);
  const fits = judged.filter((one) => 'fit' in one);
  const adjusted = adjustByHolm(fits.map(({ fit }) => fit.test?.p ?? 1));
  const misfits = fits.filter(({ fit }, at) => fit.impossible.size > 0 || adjusted[at]! < SIGNIFICANCE);
  const smallest = adjusted.reduce((least, p) => Math.min(least, p), 1);
  if (misfits.length > 0)
    return isIdealSimulator(record) ? accuse(misfits, fits.length) : describeNoise(misfits, fits.length);
  const [first] = judged.filter((one) => 'code' in one);
  if (first !== undefined) return abstain(first, fits.length, judged.length);
  const how = isIdealSimulator(record) ? '' : describeLeast(fits);
  return found('pass', `${describeAgreement(fits, smallest)}${how}`);
}

function judgePrograms(record: ExecutionRecord, read: ReadObject): Judged[] {
  const effort: Effort = { left: EFFORT };
  const known = new Map<string, IdealDistribution | Unjudged>();
  return record.workload.programs.map((program, index) => {
    const counts = findCounts(record.execution.result_summary[index]!, program, read);
    if (typeof counts === 'string') return { program: index, code: 'plausibility.result', reason: counts };
    if (counts.size === 0) return { program: index, code: 'plausibility.shots', reason: 'it has no shots' };
    const key = program.circuit ?? `program ${index}`;
    if (!known.has(key)) known.set(key, findIdeal(record, index, read, effort));
    const ideal = known.get(key)!;
    if ('code' in ideal) return { program: index, ...ideal };
    // A sweep of one circuit simulates it once, and holds each program's counts against all of its outcomes.
    effort.left -= PER_OUTCOME * ideal.probabilities.length;
    if (effort.left < 0)
      return {
        program: index,
        code: 'plausibility.size',
        reason: 'there are too many programs to judge them all',
      };
    const width = counts.keys().next().value!.length;
    if (width !== ideal.bits)
      return {
        program: index,
        code: 'plausibility.result',
        reason: `${width} bits, its circuit has ${ideal.bits}`,
      };
    const fit = fitProgram(ideal, counts);
    if (fit.test === undefined && !fit.isCertain && fit.impossible.size === 0)
      return {
        program: index,
        code: 'plausibility.shots',
        reason: fit.shots === 1 ? '1 shot is too few to tell' : `${fit.shots} shots are too few to tell`,
      };
    return { program: index, fit };
  });
}

function findIdeal(
  record: ExecutionRecord,
  index: number,
  read: ReadObject,
  effort: Effort,
): IdealDistribution | Unjudged {
  const program = record.workload.programs[index]!;
  const held = findCircuit(program, read);
  const circuit = typeof held === 'string' ? (rebuild(record) ?? held) : held;
  if (typeof circuit === 'string') return { code: 'plausibility.circuit', reason: circuit };
  const ideal = findIdealDistribution(circuit, effort);
  return typeof ideal === 'string' ? { code: 'plausibility.size', reason: `its circuit ${ideal}` } : ideal;
}

/** A bare record of a workload holds no circuit, and needs none: its parameters make it, and its digest says whether it is the one. */
function rebuild({ workload }: ExecutionRecord): Circuit | undefined {
  const family = findWorkload(workload.name);
  if (family === undefined || workload.programs.length !== 1) return undefined;
  try {
    if (family.size(workload.parameters as never) > MAX_BUILT) return undefined;
    const circuit = buildWorkload(family, workload.parameters);
    return circuitDigest(circuit) === workload.programs[0]!.circuit ? circuit : undefined;
  } catch (error) {
    // `circuit.rebuild` says what is wrong with the parameters.
    if (error instanceof QpoeError) return undefined;
    throw error;
  }
}

type Fitted = Extract<Judged, { readonly fit: ProgramFit }>;

const MOST_NAMED = 8;

function accuse([first, ...others]: readonly Fitted[], of: number): Found {
  const { fit } = first!;
  const more = others.length === 0 ? '' : `; and ${others.length} more programs`;
  const where = of === 1 ? '' : `program ${first!.program}: `;
  if (fit.impossible.size === 0)
    return found('fail', `${where}${describeTest(fit)}; ${describeFit(fit)}${more}`, 'plausibility.counts');
  const named = [...fit.impossible].slice(0, MOST_NAMED).map(([outcome, count]) => `${outcome} (${count})`);
  const left = fit.impossible.size - named.length;
  const all = `${named.join(', ')}${left > 0 ? ` and ${left} more` : ''}`;
  const shots = [...fit.impossible.values()].reduce((sum, count) => sum + count, 0);
  const what = `${shots} of ${fit.shots} shots have outcomes that the circuit can't give: ${all}`;
  return found('fail', `${where}${what}; ${describeFit(fit)}${more}`, 'plausibility.impossible');
}

/** Noise makes any outcome: what is said of hardware is how much of the circuit shows, and nothing is ever accused. */
function describeNoise(misfits: readonly Fitted[], of: number): Found {
  const stated = misfits.map(({ program, fit }) => ({
    program,
    unwritten: fit.hasUnwritten,
    noise: fit.noise(),
  }));
  const silent = stated.find(
    ({ unwritten, noise: { fit } }) => unwritten || !(fit.fidelity > SURE * fit.error),
  );
  const { program, noise, unwritten } = silent ?? stated[0]!;
  const where = of === 1 ? '' : `program ${program}: `;
  const more = misfits.length === 1 ? '' : `; ${misfits.length - 1} more programs are noisy`;
  const what = `${where}fidelity ${describeFidelity(noise)}${more}`;
  return silent === undefined
    ? found('pass', `with noise, as may be: ${what}`)
    : found(
        'unknown',
        `${unwritten ? 'the counts have bits that the circuit never writes' : 'nothing of the circuit shows in the counts'}: ${what}`,
        'plausibility.noise',
      );
}

/** One-sided, one in a thousand. */
const SURE = 3.09;

function abstain(
  { program, code, reason }: Unjudged & { readonly program: number },
  fits: number,
  of: number,
): Found {
  if (of === 1) return found('unknown', reason, code);
  return found('unknown', `${fits} of ${of} programs fit; program ${program}: ${reason}`, code);
}

/** Of what may be hardware the fidelity is stated, also where no noise shows. */
function describeLeast(fits: readonly Fitted[]): string {
  const stated = fits
    .map(({ program, fit }) => ({ program, noise: fit.noise() }))
    .filter(({ noise }) => Number.isFinite(noise.fit.error))
    .sort((a, b) => a.noise.fit.fidelity - b.noise.fit.fidelity);
  const [least] = stated;
  if (least === undefined) return '';
  const where = fits.length === 1 ? '' : `least of program ${least.program}: `;
  return `; ${where}fidelity ${describeFidelity(least.noise)}`;
}

function describeAgreement(fits: readonly Fitted[], smallest: number): string {
  const [only, another] = fits;
  if (another !== undefined)
    return `${fits.length} programs give what their circuits give without noise: least p = ${threeDigits(smallest)}, by Holm`;
  const { fit } = only!;
  return fit.test === undefined
    ? `${fit.shots === 1 ? '1 shot' : `${fit.shots} shots`} of the one outcome that the circuit gives without noise`
    : `what the circuit gives without noise: ${describeTest(fit)}`;
}

function describeTest({ test, shots }: ProgramFit): string {
  return test === undefined
    ? `${shots} shots, too few to test`
    : `G = ${threeDigits(test.statistic)} of ${shots} shots in ${test.cells} cells, p = ${threeDigits(test.p)}`;
}

function describeFit(fit: ProgramFit): string {
  const noise = fit.noise();
  if (fit.hasUnwritten) return 'no noise writes a bit that the circuit leaves alone';
  if (!Number.isFinite(noise.fit.error)) return 'no depolarizing strength explains them';
  const explains = noise.test === undefined || noise.test.p >= SIGNIFICANCE;
  return explains
    ? `a depolarizing strength of ${describeStrength(noise)} would explain them`
    : `no depolarizing strength explains them, ${describeStrength(noise)} the best`;
}

function describeStrength({ fit, xeb }: NoiseFit): string {
  return `${threeDigits(1 - fit.fidelity)} ± ${threeDigits(fit.error)} (${describeXeb(xeb)})`;
}

function describeFidelity({ fit, xeb }: NoiseFit): string {
  if (!Number.isFinite(fit.error)) return 'can’t be told, where all outcomes are alike without noise';
  return `${threeDigits(fit.fidelity)} ± ${threeDigits(fit.error)}, a depolarizing strength of ${threeDigits(1 - fit.fidelity)} (${describeXeb(xeb)})`;
}

function describeXeb({ value, error, ideal }: NoiseFit['xeb']): string {
  return `linear XEB ${threeDigits(value)} ± ${threeDigits(error)}, without noise ${threeDigits(ideal)}`;
}
