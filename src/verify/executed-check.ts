/**
 * What a compiler made of a circuit, against the circuit that was submitted: a compiled circuit once collapsed to nothing, and its
 * counts looked like a result. Both are simulated without noise where they are small enough, and what they would give is compared.
 * Which qubits a compiler chose is its own business: the bits that are measured into are what both have in common.
 */

import type { Circuit, Operation } from '../circuit/circuit.ts';
import { hasMeasurement } from '../circuit/measurement.ts';
import { readCircuit } from '../circuit/read-circuit.ts';
import { readOpenQasm } from '../circuit/read-openqasm.ts';
import { fromUtf8 } from '../core/bytes.ts';
import { QpoeError } from '../core/error.ts';
import { JsonError, parseJsonBytes } from '../core/json.ts';
import type { ExecutionRecord, Program } from '../record/schema.ts';
import type { Effort, IdealDistribution } from '../simulator/ideal-distribution.ts';
import { decodeArtifact, type EvidenceBundle } from './bundle.ts';
import { type Check, type Found, found, makeCheck } from './check.ts';

type Artifacts = EvidenceBundle['artifacts'];
type Executed = ExecutionRecord['execution']['executed_circuits'][number];
type Simulator = typeof import('../simulator/ideal-distribution.ts');

/** A record must not be able to stall its reader: pairs that are compared, and amplitudes that are touched for them. */
const MAX_PAIRS = 64;
const MAX_EFFORT = 2 ** 28;
/** Half the sum of the differences of probabilities: what rounding and a compiler's own tolerance make. */
const SAME = 1e-3;
/** Further apart than a compiler that was asked to approximate brings them. */
const APART = 0.1;

/** Nothing where the record names no executed circuit. */
export async function executedCheck(
  { workload, execution }: ExecutionRecord,
  artifacts: Artifacts,
): Promise<Check[]> {
  const { executed_circuits: executed } = execution;
  if (executed.length === 0) return [];
  const judged = await judgeAll(workload.programs, executed, artifacts);
  return [makeCheck('circuit.executed', 'a simulation here, without noise', judged)];
}

/** Of one pair: that it agrees, or what is the matter. `unread` is none of the circuit's fault. */
type Compared =
  | { readonly kind: 'same' }
  | { readonly kind: 'unread'; readonly why: string }
  | { readonly kind: 'judged'; readonly found: Found };

async function judgeAll(
  programs: readonly Program[],
  executed: readonly Executed[],
  artifacts: Artifacts,
): Promise<Found> {
  const stray = executed.find(({ program }) => program >= programs.length);
  if (stray !== undefined)
    return found('fail', `executed for program ${stray.program} of ${programs.length}`, 'executed.program');
  const here = executed.filter(
    ({ digest, program }) =>
      holds(artifacts, digest) && holds(artifacts, logicalOf(programs[program]!)?.digest),
  );
  if (here.length === 0)
    return found('absent', 'the executed circuits, or those that they were made of, are not here');
  const compared = await compareAll(here, programs, artifacts);
  return conclude(compared, executed.length);
}

const holds = (artifacts: Artifacts, digest: string | undefined): boolean =>
  digest !== undefined && Object.hasOwn(artifacts, digest);

/** Each pair once: a sweep repeats them. */
async function compareAll(
  executed: readonly Executed[],
  programs: readonly Program[],
  artifacts: Artifacts,
): Promise<readonly Compared[]> {
  // A verifier that has nothing to simulate does not load it.
  const simulator = await import('../simulator/ideal-distribution.ts');
  const effort: Effort = { left: MAX_EFFORT };
  const known = new Map<string, Compared>();
  return executed.map((one) => {
    const program = programs[one.program]!;
    const pair = JSON.stringify([one.digest, one.format, logicalOf(program), program.values]);
    const before = known.get(pair);
    if (before !== undefined) return before;
    if (known.size >= MAX_PAIRS) return { kind: 'unread', why: `more than ${MAX_PAIRS} are not compared` };
    const result = comparePair(one, program, artifacts, simulator, effort);
    known.set(pair, result);
    return result;
  });
}

function conclude(compared: readonly Compared[], all: number): Found {
  const judged = compared.flatMap((one) => (one.kind === 'judged' ? [one.found] : []));
  const worst = judged.find(({ status }) => status === 'fail') ?? judged[0];
  if (worst !== undefined) return worst;
  const same = compared.filter(({ kind }) => kind === 'same').length;
  const unread = compared.find((one) => one.kind === 'unread');
  if (same === all)
    return found('pass', `${all === 1 ? 'it gives' : `all ${all} give`} what was submitted gives`);
  const why = unread === undefined ? 'the others are not here' : unread.why;
  return found('unknown', `${same} of ${all} compared: ${why}`, 'executed.unread');
}

function comparePair(
  { program, format, digest }: Executed,
  submitted: Program,
  artifacts: Artifacts,
  simulator: Simulator,
  effort: Effort,
): Compared {
  const logical = logicalOf(submitted)!;
  const before = read(logical.format, logical.digest, submitted, artifacts);
  const after = read(format, digest, submitted, artifacts);
  if (typeof before === 'string') return { kind: 'unread', why: `what was submitted: ${before}` };
  if (typeof after === 'string') return { kind: 'unread', why: `what was executed: ${after}` };
  const result = compareCircuits(before, after, simulator, effort);
  return result.kind === 'judged'
    ? { kind: 'judged', found: { ...result.found, evidence: `program ${program}: ${result.found.evidence}` } }
    : result;
}

interface Named {
  readonly format: string;
  readonly digest: string;
}

/** The canonical gate list; the text that the SDK was given, where there is none. */
function logicalOf({ circuit, source }: Program): Named | undefined {
  return circuit === undefined ? source : { format: 'gate-list', digest: circuit };
}

function read(format: string, digest: string, { values }: Program, artifacts: Artifacts): Circuit | string {
  const bytes = decodeArtifact(artifacts[digest as never]!)!;
  try {
    if (format === 'gate-list') {
      const { value, fault } = readCircuit(parseJsonBytes(bytes));
      return value ?? fault;
    }
    const text = fromUtf8(bytes);
    if (!format.startsWith('openqasm') || text === undefined) return `${format} is not read here`;
    return readOpenQasm(text, format, HAS_INPUTS.test(text) ? numbersIn(values) : undefined).circuit;
  } catch (error) {
    if (!(error instanceof QpoeError) && !(error instanceof JsonError)) throw error;
    return error.message;
  }
}

/** A text with its values in it takes none. */
const HAS_INPUTS = /^\s*input\s/m;

function numbersIn(values: Program['values']): ReadonlyMap<string, number> {
  return new Map(
    Object.entries(values).flatMap(([name, value]) => (typeof value === 'number' ? [[name, value]] : [])),
  );
}

const judge = (...of: Parameters<typeof found>): Compared => ({ kind: 'judged', found: found(...of) });

function compareCircuits(
  submitted: Circuit,
  executed: Circuit,
  { findIdealDistribution, keyOf }: Simulator,
  effort: Effort,
): Compared {
  if (!hasMeasurement(submitted)) return compareUnmeasured(submitted, executed);
  if (!hasMeasurement(executed))
    return judge(
      'fail',
      'the executed circuit measures nothing, the submitted one does',
      'executed.collapsed',
    );
  const collapsed = hasGate(submitted.operations) && !hasGate(executed.operations);
  const [before, after] = [submitted, executed].map((circuit) => findIdealDistribution(circuit, effort));
  if (typeof before !== 'object' || typeof after !== 'object') {
    const why = `the circuit ${typeof before === 'object' ? after : before}`;
    return collapsed ? judge('unknown', `${NO_GATE}; ${why}`, 'executed.collapsed') : { kind: 'unread', why };
  }
  if (before.bits !== after.bits)
    return judge('unknown', `${after.bits} bits, submitted were ${before.bits}`, 'executed.bits');
  const distance = distanceOf(before, after, keyOf);
  if (distance <= SAME) return { kind: 'same' };
  const apart = `it gives another distribution than the submitted circuit, ${distance.toFixed(3)} apart`;
  if (distance <= APART) return judge('unknown', apart, 'executed.approximate');
  return collapsed
    ? judge('fail', `${NO_GATE}, and ${apart}`, 'executed.collapsed')
    : judge('fail', apart, 'executed.differs');
}

const NO_GATE = 'the executed circuit has no gate, the submitted one does';

/** What a provider measured of it, for expectation values, stands in no circuit. */
function compareUnmeasured(submitted: Circuit, executed: Circuit): Compared {
  return hasGate(submitted.operations) && !hasGate(executed.operations)
    ? judge('unknown', NO_GATE, 'executed.collapsed')
    : { kind: 'unread', why: 'the submitted circuit measures nothing' };
}

const NO_GATES: readonly string[] = ['id', 'barrier', 'measure', 'reset'];

function hasGate(operations: readonly Operation[]): boolean {
  return operations.some((operation) =>
    operation.op === 'if'
      ? hasGate(operation.then) || hasGate(operation.else)
      : !NO_GATES.includes(operation.op),
  );
}

function distanceOf(a: IdealDistribution, b: IdealDistribution, keyOf: Simulator['keyOf']): number {
  const difference = new Map<string, number>();
  const add = (of: IdealDistribution, sign: number): void => {
    for (const [index, probability] of of.probabilities.entries()) {
      if (probability === 0) continue;
      const key = keyOf(index, of);
      difference.set(key, (difference.get(key) ?? 0) + sign * probability);
    }
  };
  add(a, 1);
  add(b, -1);
  return [...difference.values()].reduce((sum, one) => sum + Math.abs(one), 0) / 2;
}
