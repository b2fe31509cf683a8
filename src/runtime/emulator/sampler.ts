/** The sampler: PUBs → every shot of every register, for every set of values. */

import { dropIdleQubits } from '../../circuit/idle-qubits.ts';
import { hasMeasurement } from '../../circuit/measurement.ts';
import type { OutputRegister } from '../../circuit/qasm-scope.ts';
import { type PythonRandom, pythonRandom } from '../../core/python-random.ts';
import type { Bindings } from './bindings.ts';
import { readDeviceCircuit } from './device-circuit.ts';
import type { Counts, SampleProgram } from './engine.ts';
import { JobFault } from './job-fault.ts';
import type { ProgramText } from './program-text.ts';
import type { Pub } from './pubs.ts';
import { mapInTurns, type ProgramRun, readAllBindings, readPrograms } from './run-program.ts';

export interface SampledRegister {
  readonly name: string;
  readonly bits: number;
  /** Each shot's bits as a big-endian number of whole bytes; shots in order, set after set. */
  readonly bytes: Uint8Array;
}

export interface SampledPub {
  readonly shape: readonly number[];
  readonly shots: number;
  readonly registers: readonly SampledRegister[];
}

export interface SamplerOutcome {
  readonly pubs: readonly SampledPub[];
  readonly qiskitVersion: string | undefined;
}

const DEFAULT_SHOTS = 4096;
/** Of all shots of a job, in whole bytes: as JSON each byte is six. */
const MAX_SAMPLED_BITS = 2 ** 26;

interface PlannedPub {
  readonly bindings: Bindings;
  readonly shots: number;
  readonly registers: readonly OutputRegister[];
  readonly programs: readonly SampleProgram[];
}

/** @throws JobFault */
export async function runSampler(run: ProgramRun): Promise<SamplerOutcome> {
  const { texts, qiskitVersion } = await readPrograms(run);
  const bindings = readAllBindings(run, texts);
  const planned: PlannedPub[] = [];
  for (const [index, pub] of run.params.pubs.entries())
    planned.push(await planPub(run, pub, texts[index]!, bindings[index]!));
  checkSize(planned);
  const programs = planned.flatMap((pub) => pub.programs);
  const counts = await run.engine.sample(programs, run.seed, run.calibration.properties, run.signal);
  const order = pythonRandom(run.seed);
  let next = 0;
  const pubs = planned.map(({ bindings, shots, registers, programs }) => {
    const own = counts.slice(next, next + programs.length);
    next += programs.length;
    return { shape: bindings.shape, shots, registers: sampleRegisters(registers, own, shots, order) };
  });
  return { pubs, qiskitVersion };
}

async function planPub(
  run: ProgramRun,
  pub: Pub,
  text: ProgramText,
  bindings: Bindings,
): Promise<PlannedPub> {
  const shots = shotsOf(run, pub);
  let registers: readonly OutputRegister[] = [];
  const programs = await mapInTurns(bindings.sets, run.signal, (values) => {
    const read = readDeviceCircuit(run.device, text, values);
    if (!hasMeasurement(read.circuit)) throw new JobFault('The circuit has no measurements.');
    registers = read.registers;
    return { ...dropIdleQubits(read.circuit), shots };
  });
  return { bindings, shots, registers, programs };
}

function shotsOf({ params, device }: ProgramRun, { shots }: Pub): number {
  const defaults = params.options.default_shots;
  const chosen = shots ?? params.shots ?? (typeof defaults === 'number' ? defaults : DEFAULT_SHOTS);
  const { max_shots } = device.configuration;
  if (chosen > max_shots) throw new JobFault(`${chosen} shots; the backend takes ${max_shots}.`);
  return chosen;
}

function checkSize(planned: readonly PlannedPub[]): void {
  const bits = planned.reduce(
    (sum, { programs, shots, registers }) =>
      sum + programs.length * shots * registers.reduce((all, { size }) => all + size + 7, 0),
    0,
  );
  if (bits > MAX_SAMPLED_BITS) throw new JobFault('More samples than this emulator holds: use fewer shots.');
}

/** Counts know no order, and shots have one: it is drawn, the same for every register. */
function sampleRegisters(
  registers: readonly OutputRegister[],
  counts: readonly Counts[],
  shots: number,
  order: PythonRandom,
): SampledRegister[] {
  const widths = registers.map(({ size }) => Math.ceil(size / 8));
  const bytes = widths.map((width) => new Uint8Array(width * shots * counts.length));
  for (const [set, outcomes] of counts.entries()) {
    const places = shuffled(shots, order);
    let shot = 0;
    for (const [key, count] of outcomes) {
      const values = registers.map((register, at) => bitsOf(key, register, widths[at]!));
      for (let last = shot + count; shot < last; shot++)
        for (const [at, value] of values.entries())
          bytes[at]!.set(value, (set * shots + places[shot]!) * widths[at]!);
    }
  }
  return registers.map(({ name, size }, at) => ({ name, bits: size, bytes: bytes[at]! }));
}

/** Fisher and Yates. */
function shuffled(length: number, { random }: PythonRandom): Uint32Array {
  const places = Uint32Array.from({ length }, (_, at) => at);
  for (let at = length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [places[at], places[other]] = [places[other]!, places[at]!];
  }
  return places;
}

/** A register's part of the key c[n-1]…c[0]. */
function bitsOf(key: string, { first, size }: OutputRegister, width: number): Uint8Array {
  const value = new Uint8Array(width);
  for (let bit = 0; bit < size; bit++)
    if (key[key.length - 1 - first - bit] === '1') value[width - 1 - (bit >> 3)]! |= 1 << (bit & 7);
  return value;
}
