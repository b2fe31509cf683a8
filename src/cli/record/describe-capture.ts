/** A capture as a record's content, with the objects to keep beside it. */

import { randomBytes } from 'node:crypto';
import { circuitBytes } from '../../circuit/circuit.ts';
import { readOpenQasm } from '../../circuit/read-openqasm.ts';
import { type Bytes, fromBase64, utf8 } from '../../core/bytes.ts';
import { type Digest, digestOf } from '../../core/digest.ts';
import { QpoeError } from '../../core/error.ts';
import { canonicalBytes } from '../../core/jcs.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Capture, CapturedCircuit, CapturedProgram } from '../../record/capture.ts';
import type { RecordContent } from '../../record/record.ts';
import { summarizeCounts } from '../../record/result.ts';
import { BIT_ORDER, type Program, type Result } from '../../record/schema.ts';
import { personalText, withholdPersonal } from '../../record/withhold.ts';
import { VERSION } from '../version.ts';
import { describeLabels } from './labels.ts';
import { thisPerson } from './this-person.ts';

export interface DescribedCapture {
  readonly content: RecordContent;
  readonly objects: readonly Uint8Array[];
  /** Of what the record withholds: for the store, and no bundle. */
  readonly openings: readonly Bytes[];
}

/** @param raw the result's bytes */
export function describeCapture(capture: Capture, raw: Uint8Array): DescribedCapture {
  const kept = keepObjects();
  const person = thisPerson();
  const sources = capture.circuits.map((circuit) => sourceOf(circuit, kept));
  const derive = deriver(capture);
  const unread = new Map<number, string>();
  const programs = capture.programs.map((program) => {
    const list = derive(program);
    if (list?.reason !== undefined) unread.set(program.circuit!, list.reason);
    return describeProgram(program, sources, list?.bytes, kept);
  });
  const openings: Bytes[] = [];
  const open = (section: JsonObject | undefined): JsonObject => {
    const withheld = withholdPersonal(section ?? {}, person, () => new Uint8Array(randomBytes(32)));
    openings.push(...withheld.openings);
    return withheld.section;
  };
  const content: RecordContent = {
    workload: {
      name: programs.length === 1 ? 'circuit' : 'job',
      sdk: capture.sdk,
      parameters: {},
      shots: capture.programs.reduce((sum, { shots }) => sum + shots, 0),
      programs: programs.map(({ program }) => program),
    },
    execution: {
      class: 'captured',
      backend: personalText(person)(capture.backend) ? 'withheld' : capture.backend,
      started_at: capture.started_at,
      finished_at: capture.finished_at,
      bit_order: BIT_ORDER,
      result_summary: programs.map(({ result }) => result),
      result_digest: kept.add(raw),
      environment: { ...open(capture.environment), qpoe: VERSION },
      seeding: open(capture.seeds),
      job: open(describeJob(capture, sources, unread)),
      calibration: {},
      executed_circuits: capture.executed.map(({ program, circuit, layout }) => ({
        program,
        ...sources[circuit]!,
        ...(layout === undefined ? {} : { layout: open(layout) }),
      })),
      timing: open(capture.timing),
      mitigation: open(capture.mitigation),
    },
    ...describeLabels(capture),
  };
  return { content, objects: kept.objects(), openings };
}

interface Keeper {
  add(bytes: Uint8Array): Digest;
  objects(): Uint8Array[];
}

/** A sweep names one circuit a thousand times: it is kept once. */
function keepObjects(): Keeper {
  const objects = new Map<Digest, Uint8Array>();
  return {
    add: (bytes) => {
      const digest = digestOf(bytes);
      objects.set(digest, bytes);
      return digest;
    },
    objects: () => [...objects.values()],
  };
}

interface Source {
  readonly format: string;
  readonly digest: Digest;
}

function sourceOf(circuit: CapturedCircuit, kept: Keeper): Source {
  const bytes = 'text' in circuit ? utf8(circuit.text) : fromBase64(circuit.base64)!;
  return { format: circuit.format, digest: kept.add(bytes) };
}

function describeProgram(
  program: CapturedProgram,
  sources: readonly Source[],
  list: Bytes | undefined,
  kept: Keeper,
): { readonly program: Program; readonly result: Result } {
  const { circuit, values, observables, shots } = program;
  return {
    program: {
      ...(list === undefined ? {} : { circuit: kept.add(list) }),
      ...(circuit === undefined ? {} : { source: sources[circuit]! }),
      values: { ...values },
      ...(observables === undefined ? {} : { observables: kept.add(canonicalBytes(observables)) }),
      shots,
    },
    result: describeResult(program, kept),
  };
}

function describeResult({ result }: CapturedProgram, kept: Keeper): Result {
  if (result.kind === 'expectation') return { ...result };
  const { result: summary, object } = summarizeCounts(new Map(Object.entries(result.counts)), result.bits);
  if (object !== undefined) kept.add(object);
  return summary;
}

/** What all gate lists of one capture may cost: a sweep derives one a point. */
const MAX_DERIVED_TEXT = 20_000_000;

interface Derived {
  readonly bytes?: Bytes;
  /** Why there is no gate list. */
  readonly reason?: string;
}

/** The canonical gate list of a program, where its circuit is there as OpenQASM and is one that is read. */
function deriver({ circuits }: Capture): (program: CapturedProgram) => Derived | undefined {
  let spent = 0;
  return ({ circuit: index, values, result }) => {
    if (index === undefined) return undefined;
    const circuit = circuits[index]!;
    const text = openQasmOf(circuit);
    if (text === undefined) return { reason: circuit.unexported ?? `${circuit.format} is not read` };
    spent += text.length;
    if (spent > MAX_DERIVED_TEXT) return { reason: 'the programs of this job are too long together' };
    return derive(text, index, circuit.bound === true ? {} : values, result);
  };
}

function openQasmOf(circuit: CapturedCircuit): string | undefined {
  if (circuit.openqasm !== undefined) return circuit.openqasm;
  return 'text' in circuit && /^openqasm[23]$/.test(circuit.format) ? circuit.text : undefined;
}

function derive(
  text: string,
  index: number,
  values: CapturedProgram['values'],
  result: CapturedProgram['result'],
): Derived {
  try {
    const { circuit } = readOpenQasm(text, `circuit ${index}`, new Map(Object.entries(values)));
    // A list that writes other bits than were counted is of another circuit, whatever it was said to be.
    if (result.kind === 'counts' && circuit.bits !== result.bits)
      return { reason: `it writes ${circuit.bits} bits, the result has ${result.bits}` };
    return { bytes: circuitBytes(circuit) };
  } catch (error) {
    if (!(error instanceof QpoeError)) throw error;
    return { reason: error.message };
  }
}

/** What else is known of the job: the provider's ids, the options it ran with, and how its circuits are to be read. */
function describeJob(
  { job, options, circuits }: Capture,
  sources: readonly Source[],
  unread: ReadonlyMap<number, string>,
): JsonObject {
  const told = new Map<Digest, JsonObject>();
  for (const [index, { registers }] of circuits.entries()) {
    const source = sources[index]!.digest;
    const reason = unread.get(index);
    if (registers === undefined && reason === undefined) continue;
    const order = registers === undefined ? {} : { registers };
    const why = reason === undefined ? {} : { no_gate_list: reason };
    // What ran may be the very circuit that was meant.
    told.set(source, { source, ...told.get(source), ...order, ...why });
  }
  return {
    ...job,
    ...(options === undefined ? {} : { options }),
    ...(told.size === 0 ? {} : { circuits: [...told.values()] }),
  };
}
