/** What a primitive is given to run with, and how a job's programs become circuits. */

import { setImmediate as nextTurn } from 'node:timers/promises';
import { QpoeError } from '../../core/error.ts';
import type { PythonChoice } from '../../sdk/python.ts';
import { type Bindings, MAX_SETS, readBindings } from './bindings.ts';
import type { Calibration, Device } from './device.ts';
import { type Engine, readQpyFiles } from './engine.ts';
import { JobFault } from './job-fault.ts';
import { type ProgramText, readProgramText } from './program-text.ts';
import type { PrimitiveParams, Pub } from './pubs.ts';

export interface ProgramRun {
  readonly device: Device;
  readonly calibration: Calibration;
  readonly engine: Engine;
  readonly python: PythonChoice;
  readonly params: PrimitiveParams;
  readonly seed: number;
  readonly signal: AbortSignal;
}

export interface ReadPrograms {
  /** In the order of the PUBs. */
  readonly texts: readonly ProgramText[];
  readonly qiskitVersion: string | undefined;
}

/** @throws JobFault for the first circuit that can't be read */
export async function readPrograms({ params, python, signal }: ProgramRun): Promise<ReadPrograms> {
  const files = params.pubs.flatMap(({ source }) => (source.form === 'qpy' ? [source.file] : []));
  if (files.length === 0)
    return { texts: params.pubs.map((pub) => textOf(pub, undefined)), qiskitVersion: undefined };
  const { circuits, qiskitVersion } = await asFault(() => readQpyFiles(python, files, signal));
  const left = [...circuits];
  const decoded = params.pubs.map((pub, index) => {
    if (pub.source.form === 'openqasm') return textOf(pub, undefined);
    const read = left.shift()!;
    if ('fault' in read)
      throw new JobFault(`PUB ${index}: the circuit can't be written as OpenQASM 3: ${read.fault}`);
    return textOf(pub, read.text);
  });
  return { texts: decoded, qiskitVersion };
}

function textOf({ source }: Pub, decoded: string | undefined): ProgramText {
  return readProgramText(source.form === 'openqasm' ? source.text : decoded!);
}

async function asFault<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof QpoeError) || error.code === 'interrupted') throw error;
    throw new JobFault(
      `The circuit came as QPY, which only Qiskit reads: ${error.message}. ` +
        `Where the emulator runs: ${error.hint ?? '`qpoe sdk install qiskit`'}. Or submit OpenQASM 3 text.`,
    );
  }
}

/** What each PUB's parameters are bound to. Counted before any of it is read: each set is a circuit to read and to run. */
export function readAllBindings({ params }: ProgramRun, texts: readonly ProgramText[]): Bindings[] {
  const bindings = params.pubs.map((pub, index) => readBindings(pub.values, texts[index]!.inputs));
  const sets = bindings.reduce((sum, own) => sum + own.sets.length, 0);
  if (sets > MAX_SETS) throw new JobFault(`${sets} sets of values; this emulator takes ${MAX_SETS}.`);
  return bindings;
}

const A_TURN = 16;

/** One after the other, and between some of them whoever asks the server something is answered. */
export async function mapInTurns<T, U>(
  items: readonly T[],
  signal: AbortSignal,
  map: (item: T, index: number) => U,
): Promise<U[]> {
  const mapped: U[] = [];
  for (const [index, item] of items.entries()) {
    if (index % A_TURN === 0) await nextTurn();
    signal.throwIfAborted();
    mapped.push(map(item, index));
  }
  return mapped;
}
