/**
 * A capture, version 1 (docs/capture.md): what a process that ran a job says of it, before anyone signed it. Python writes it,
 * and `qpoe record --capture` makes the record: no decision and no key is on the other side.
 *
 *     {"capture":1,"sdk":"qiskit","backend":"aer_simulator","started_at":"…","finished_at":"…",
 *      "circuits":[{"format":"openqasm3","text":"OPENQASM 3.0;…"}],
 *      "programs":[{"circuit":0,"values":{},"shots":1000,"result":{"kind":"counts","bits":1,"counts":{"0":1000}}}],
 *      "executed":[],"raw":{"format":"qiskit-result+json","base64":"…"}}
 *
 * Closed and bounded: it may have been written by anything that calls itself a process of the person's.
 */

import * as z from 'zod/mini';
import { fromBase64 } from '../core/bytes.ts';
import { isDeeper, JsonError, type JsonValue, parseJsonBytes, WRAPPED } from '../core/json.ts';
import { checkShape, type Shaped } from '../core/shape.ts';
import { parseTime } from '../core/time.ts';

const CAPTURE_VERSION = 1;
const MAX_CIRCUITS = 10_000;
const MAX_PROGRAMS = 10_000;
const MAX_BITS = 10_000;
const MAX_VALUES = 100_000;
/** An open section is for settings and versions; nothing that is a result belongs there. */
const MAX_SECTION_DEPTH = 8;
const MAX_SECTION_TEXT = 100_000;

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;
/** A file of the capture's own folder, which no name may lead out of. */
const RAW_FILE = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,200}\.raw$/;

const name = z.string().check(z.minLength(1), z.maxLength(200));
const words = z.string().check(z.minLength(1), z.maxLength(1000));
const time = z.string().check(
  z.regex(TIME),
  z.refine((text) => parseTime(text) !== undefined, 'no such date in the calendar'),
);
const place = z.int().check(z.nonnegative());
const base64 = z
  .string()
  .check(z.refine((text) => text !== '' && fromBase64(text) !== undefined, 'not base64'));
const section = z.record(z.string().check(z.minLength(1), z.maxLength(100)), z.unknown()).check(
  z.refine((value) => !isDeeper(value as JsonValue, MAX_SECTION_DEPTH), 'nested too deep'),
  z.refine((value) => JSON.stringify(value).length <= MAX_SECTION_TEXT, 'too long'),
) as unknown as z.ZodMiniType<{ readonly [name: string]: JsonValue }>;
const json = z.unknown() as unknown as z.ZodMiniType<JsonValue>;

/** In what order its registers give the bits of an outcome: the first one's bits are the lowest, c[0] on. */
const registers = z
  .array(z.strictObject({ name, bits: z.int().check(z.positive(), z.maximum(MAX_BITS)) }))
  .check(z.maxLength(MAX_BITS));

const circuit = z.union([
  z.strictObject({
    format: name,
    text: z.string().check(z.minLength(1)),
    /** The same circuit as OpenQASM, where `text` is another form. */
    openqasm: z.optional(z.string().check(z.minLength(1))),
    /** Whether the programs' values stand in `openqasm` already. */
    bound: z.optional(z.boolean()),
    /** Why there is no OpenQASM of it. */
    unexported: z.optional(words),
    registers: z.optional(registers),
  }),
  z.strictObject({
    format: name,
    base64,
    openqasm: z.optional(z.string().check(z.minLength(1))),
    bound: z.optional(z.boolean()),
    unexported: z.optional(words),
    registers: z.optional(registers),
  }),
]);

const result = z.union([
  z.strictObject({
    kind: z.literal('counts'),
    bits: z.int().check(z.positive(), z.maximum(MAX_BITS)),
    counts: z.record(z.string().check(z.regex(/^[01]+$/)), z.int().check(z.positive())),
  }),
  z.strictObject({
    kind: z.literal('expectation'),
    values: z.array(z.number()).check(z.minLength(1), z.maxLength(MAX_VALUES)),
    std_errors: z.optional(z.array(z.number().check(z.nonnegative())).check(z.maxLength(MAX_VALUES))),
  }),
]);

const program = z.strictObject({
  /** Which of `circuits`; absent where the process had none. */
  circuit: z.optional(place),
  /** What each of the circuit's inputs was bound to. */
  values: z.record(name, z.number()),
  /** One a value of the result: a list of Pauli terms with their coefficients. */
  observables: z.optional(json),
  shots: z.int().check(z.nonnegative()),
  result,
});

const raw = z.union([
  z.strictObject({ format: name, base64 }),
  z.strictObject({ format: name, file: z.string().check(z.regex(RAW_FILE)) }),
]);

export const captureSchema = z.strictObject({
  capture: z.literal(CAPTURE_VERSION),
  sdk: name,
  backend: name,
  started_at: time,
  finished_at: time,
  circuits: z.array(circuit).check(z.maxLength(MAX_CIRCUITS)),
  programs: z.array(program).check(z.minLength(1), z.maxLength(MAX_PROGRAMS)),
  /** What ran in a program's place after a compiler, or was handed to a device as it is. */
  executed: z
    .array(z.strictObject({ program: place, circuit: place, layout: z.optional(section) }))
    .check(z.maxLength(MAX_PROGRAMS)),
  /** The result as the SDK's own objects serialize. */
  raw,
  job: z.optional(section),
  options: z.optional(section),
  seeds: z.optional(section),
  mitigation: z.optional(section),
  timing: z.optional(section),
  environment: z.optional(section),
  label: z.optional(words),
  note: z.optional(words),
});

export type Capture = z.infer<typeof captureSchema>;
export type CapturedCircuit = Capture['circuits'][number];
export type CapturedProgram = Capture['programs'][number];

/** @param now milliseconds since 1970 */
export function readCapture(bytes: Uint8Array, now: number): Shaped<Capture> {
  let value: JsonValue;
  try {
    value = parseJsonBytes(bytes, WRAPPED);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return { fault: error.message };
  }
  const shaped = checkShape(captureSchema, value);
  if (shaped.fault !== undefined) return shaped;
  const fault = findFault(shaped.value, now);
  return fault === undefined ? shaped : { fault };
}

/** A clock of the same machine runs no further ahead. */
const SKEW_MS = 5 * 60_000;

function findFault(capture: Capture, now: number): string | undefined {
  const { started_at, finished_at, circuits, programs, executed } = capture;
  if (parseTime(started_at)! > parseTime(finished_at)!) return 'started_at lies after finished_at';
  if (parseTime(finished_at)! > now + SKEW_MS) return `finished_at ${finished_at} is in the future here`;
  for (const [index, entry] of programs.entries()) {
    if (entry.circuit !== undefined && entry.circuit >= circuits.length)
      return `programs.${index}.circuit: there are ${circuits.length} circuits`;
    const fault = findResultFault(entry);
    if (fault !== undefined) return `programs.${index}.result: ${fault}`;
  }
  for (const [index, entry] of executed.entries())
    if (entry.program >= programs.length || entry.circuit >= circuits.length)
      return `executed.${index}: no such program or circuit`;
  return undefined;
}

function findResultFault({ result, shots }: CapturedProgram): string | undefined {
  if (result.kind === 'expectation')
    return result.std_errors === undefined || result.std_errors.length === result.values.length
      ? undefined
      : `${result.std_errors.length} standard errors for ${result.values.length} values`;
  let sum = 0;
  for (const [outcome, count] of Object.entries(result.counts)) {
    if (outcome.length !== result.bits)
      return `an outcome of ${outcome.length} bits among ones of ${result.bits}`;
    sum += count;
  }
  return sum === shots ? undefined : `its counts add up to ${sum}, not to ${shots} shots`;
}
