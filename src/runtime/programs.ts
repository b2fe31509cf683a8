/**
 * PUBs and what they gave, as a record's programs and results: one program for each circuit with its bound values. A sweep of a
 * sampler is as many programs as it has points. Of an estimator one program has all observables that were asked of one binding.
 */

import { utf8 } from '../core/bytes.ts';
import { digestOf } from '../core/digest.ts';
import { canonicalBytes } from '../core/jcs.ts';
import type { JsonValue } from '../core/json.ts';
import { asEncoded } from '../record/job-results/encoded.ts';
import { shapeOf } from '../record/job-results/ndarray.ts';
import { sizeOf } from '../record/job-results/npy.ts';
import type { PubOutcome } from '../record/job-results/pub-outcome.ts';
import { countShots, type Register } from '../record/job-results/register.ts';
import { Undecodable } from '../record/job-results/undecodable.ts';
import { summarizeCounts } from '../record/result.ts';
import { type ExecutionRecord, MAX_INLINE_OUTCOMES, type Program, type Result } from '../record/schema.ts';
import type { ExportedCircuit } from '../sdk/runner.ts';
import { type Bindings, describeValues, readBindings } from './bindings.ts';
import { commonShape, indexesIn } from './broadcast.ts';
import type { Pub } from './pub.ts';
import { type Bound, bindCircuit, type PubCircuit, pubCircuit } from './pub-circuit.ts';

type ExecutedCircuit = ExecutionRecord['execution']['executed_circuits'][number];

export interface Programs {
  readonly programs: readonly Program[];
  readonly results: readonly Result[];
  readonly executed: readonly ExecutedCircuit[];
  readonly objects: readonly Uint8Array[];
  /** What could not be told, a line each. */
  readonly notes: readonly string[];
}

/** What a record may take: past these a sweep is told by its raw bytes alone. */
const MAX_PROGRAMS = 20_000;
/** Characters of outcomes that stand in the record; beyond, results stand by digest. */
const MAX_INLINE_CHARACTERS = 8_000_000;
/** Gates that are written out as gate lists, for a job. */
const MAX_OPERATIONS = 500_000;

interface Writing {
  readonly programs: Program[];
  readonly results: Result[];
  readonly executed: ExecutedCircuit[];
  readonly objects: Map<string, Uint8Array>;
  readonly notes: string[];
  characters: number;
  operations: number;
}

/**
 * @param outcomes one a PUB; undefined where the results are gone or not understood
 * @param exported what the person's Qiskit made of a circuit in QPY, by the digest of the QPY, and which Qiskit that was
 */
export function describePrograms(
  pubs: readonly Pub[],
  outcomes: readonly PubOutcome[] | undefined,
  exported: ReadonlyMap<string, ExportedCircuit>,
  exporter: string | undefined,
): Programs {
  const writing: Writing = {
    programs: [],
    results: [],
    executed: [],
    objects: new Map(),
    notes: [],
    characters: 0,
    operations: 0,
  };
  if (outcomes !== undefined && pubs.length > 0 && outcomes.length !== pubs.length)
    writing.notes.push(`${outcomes.length} results for ${pubs.length} PUBs`);
  const count = Math.max(pubs.length, outcomes?.length ?? 0, 1);
  for (let index = 0; index < count; index++)
    describePub(writing, index, pubs[index], outcomes?.[index], exported, exporter);
  return { ...writing, objects: [...writing.objects.values()] };
}

function describePub(
  writing: Writing,
  index: number,
  pub: Pub | undefined,
  outcome: PubOutcome | undefined,
  exported: ReadonlyMap<string, ExportedCircuit>,
  exporter: string | undefined,
): void {
  const source = pub?.source;
  const circuit = source === undefined ? undefined : pubCircuit(source, exported.get(digestOf(source.bytes)));
  if (source !== undefined) keep(writing, source.bytes);
  if (outcome?.kind === 'other') note(writing, index, `no result: ${outcome.reason}`);
  const bindings = bindingsOf(writing, index, pub, circuit);
  const points = pointsOf(writing, index, outcome, pub, bindings);
  if (writing.programs.length + points.length > MAX_PROGRAMS) {
    note(writing, index, `${points.length} points, more than a record holds`);
    addProgram(writing, { circuit, values: {}, bound: undefined, shots: 0 }, { kind: 'none' });
    return;
  }
  for (const [at, { result, shots, observables }] of points.entries()) {
    const bound =
      circuit === undefined ? undefined : boundAt(writing, index, circuit, bindings, at, points.length);
    const values = bindings === undefined ? {} : describeValues(bindings, at);
    const program = { circuit, values, bound, shots, observables, exporter };
    addProgram(writing, program, result(bound));
  }
}

function keep({ objects }: Writing, bytes: Uint8Array): ReturnType<typeof digestOf> {
  const digest = digestOf(bytes);
  objects.set(digest, bytes);
  return digest;
}

function note({ notes }: Writing, pub: number, text: string): void {
  const line = `pub ${pub}: ${text}`;
  if (!notes.includes(line) && notes.length < 100) notes.push(line);
}

function bindingsOf(
  writing: Writing,
  index: number,
  pub: Pub | undefined,
  circuit: PubCircuit | undefined,
): Bindings | undefined {
  try {
    return readBindings(pub?.values, circuit?.parameters);
  } catch (error) {
    if (!(error instanceof Undecodable)) throw error;
    note(writing, index, `values not understood: ${error.message}`);
    return undefined;
  }
}

interface Point {
  readonly shots: number;
  readonly observables?: JsonValue;
  result(bound: Bound | undefined): Result;
}

/** The points of the sweep, each with its result. What isn't told has none. */
function pointsOf(
  writing: Writing,
  index: number,
  outcome: PubOutcome | undefined,
  pub: Pub | undefined,
  bindings: Bindings | undefined,
): readonly Point[] {
  const planned = bindings === undefined ? 1 : Math.max(1, sizeOf(bindings.shape));
  const none = { shots: pub?.shots ?? 0, result: (): Result => ({ kind: 'none' }) };
  if (outcome?.kind === 'counts') {
    const { registers } = outcome;
    const points = sizeOf(registers[0]!.shape);
    if (pub !== undefined && bindings !== undefined && points !== planned) {
      note(writing, index, `no result: results of ${points} points for ${planned} that were asked for`);
      return Array.from({ length: Math.min(planned, MAX_PROGRAMS + 1) }, () => none);
    }
    return Array.from({ length: Math.min(points, MAX_PROGRAMS + 1) }, (_, point) => ({
      shots: registers[0]!.shots,
      result: (bound) => summarize(writing, registers, point, bound),
    }));
  }
  if (outcome?.kind === 'expectation') return expectationPoints(writing, index, outcome, pub, bindings);
  return Array.from({ length: Math.min(planned, MAX_PROGRAMS + 1) }, () => none);
}

function summarize(
  writing: Writing,
  registers: readonly Register[],
  point: number,
  bound: Bound | undefined,
): Result {
  const counts = countShots(inDeclaredOrder(registers, bound), point);
  const bits = registers.reduce((sum, register) => sum + register.bits, 0);
  const characters = counts.size * (bits + 20);
  const fits = writing.characters + characters <= MAX_INLINE_CHARACTERS;
  const { result, object } = summarizeCounts(counts, bits, fits ? MAX_INLINE_OUTCOMES : 0);
  if (object === undefined) writing.characters += characters;
  else keep(writing, object);
  return result;
}

/** The circuit knows the order; without it the answer's own is taken. */
function inDeclaredOrder(registers: readonly Register[], bound: Bound | undefined): readonly Register[] {
  if (bound === undefined) return registers;
  const byName = new Map(registers.map((register) => [register.name, register]));
  const ordered = bound.registers.flatMap((name) => byName.get(name) ?? []);
  return ordered.length === registers.length ? ordered : registers;
}

/** Values stand at the places of the common shape of observables and bindings; those of one binding are one program's. */
function expectationPoints(
  writing: Writing,
  index: number,
  { shape, values, errors, metadata }: PubOutcome & { kind: 'expectation' },
  pub: Pub | undefined,
  bindings: Bindings | undefined,
): readonly Point[] {
  const shots =
    typeof metadata.shots === 'number' && Number.isSafeInteger(metadata.shots)
      ? Math.max(0, metadata.shots)
      : 0;
  const observables = pub?.observables === undefined ? undefined : readObservables(pub.observables);
  const own = bindings?.shape ?? [];
  const fits = observables !== undefined && commonShape(observables.shape, own)?.join() === shape.join();
  if (pub !== undefined && !fits)
    note(writing, index, 'values whose shape is not that of observables and parameters');
  const bindingAt = fits ? indexesIn(own, shape) : new Uint32Array(values.length);
  const observableAt = fits ? indexesIn(observables.shape, shape) : undefined;
  const places = groupPlaces(bindingAt, fits ? Math.max(1, sizeOf(own)) : 1);
  return places.map((at) => ({
    shots,
    ...(observableAt === undefined
      ? pub?.observables === undefined
        ? {}
        : { observables: pub.observables }
      : { observables: at.map((place) => observables!.list[observableAt[place]!]!) }),
    result: () => expectation(writing, index, at, values, errors),
  }));
}

function groupPlaces(bindingAt: Uint32Array, bindings: number): readonly number[][] {
  const places = Array.from({ length: bindings }, (): number[] => []);
  for (const [place, binding] of bindingAt.entries()) places[binding]!.push(place);
  return places;
}

function expectation(
  writing: Writing,
  index: number,
  places: readonly number[],
  values: Float64Array,
  errors: Float64Array | undefined,
): Result {
  const own = places.map((place) => values[place]!);
  const spread = errors && places.map((place) => errors[place]!);
  if (own.length === 0 || !own.every(Number.isFinite)) {
    note(writing, index, 'no result: an expectation value that is no number');
    return { kind: 'none' };
  }
  const known = spread?.every((error) => Number.isFinite(error) && error >= 0) === true;
  if (spread !== undefined && !known)
    note(writing, index, 'a standard error that is no number: none is given');
  return { kind: 'expectation', values: own, ...(known ? { std_errors: spread! } : {}) };
}

/** Observables as a list in C order: a text or an object (`{"ZZ":1}`) is one, and lists nest. */
function readObservables(value: JsonValue): { shape: readonly number[]; list: readonly JsonValue[] } {
  const plain = asEncoded(value)?.type === 'ObservablesArray' ? asEncoded(value)!.value : value;
  const shape = shapeOf(plain);
  let list: readonly JsonValue[] = [plain];
  for (let depth = 0; depth < shape.length; depth++) list = list.flat() as JsonValue[];
  return { shape: list.length === sizeOf(shape) ? shape : [list.length], list };
}

function boundAt(
  writing: Writing,
  index: number,
  circuit: PubCircuit,
  bindings: Bindings | undefined,
  point: number,
  points: number,
): Bound | undefined {
  if (writing.operations > MAX_OPERATIONS) {
    note(writing, index, 'no more gate lists: the job has too many gates');
    return undefined;
  }
  const fits = bindings !== undefined && points === Math.max(1, sizeOf(bindings.shape));
  const bound = bindCircuit(circuit, index, fits ? bindings.at(point) : undefined);
  if (typeof bound !== 'string') {
    writing.operations += bound.circuit.operations.length;
    return bound;
  }
  note(writing, index, `no gate list: ${bound}`);
  return undefined;
}

interface Described {
  readonly circuit: PubCircuit | undefined;
  readonly values: Program['values'];
  readonly bound: Bound | undefined;
  readonly shots: number;
  readonly observables?: JsonValue | undefined;
  readonly exporter?: string | undefined;
}

function addProgram(writing: Writing, described: Described, result: Result): void {
  const { circuit, values, bound, shots, observables, exporter } = described;
  const source = circuit?.source;
  const at = writing.programs.length;
  writing.programs.push({
    ...(bound === undefined ? {} : { circuit: keep(writing, bound.bytes) }),
    ...(source === undefined ? {} : { source: { format: source.format, digest: digestOf(source.bytes) } }),
    values,
    ...(observables === undefined ? {} : { observables: keep(writing, canonicalBytes(observables)) }),
    shots,
  });
  writing.results.push(result);
  if (source?.format !== 'qpy' || circuit?.text === undefined) return;
  const digest = keep(writing, utf8(circuit.text));
  const layout = { from: 'qpy', by: exporter ?? 'qiskit' };
  writing.executed.push({ program: at, format: 'openqasm3', digest, layout });
}
