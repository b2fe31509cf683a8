/** What runs an emulated job's circuits: the embedded simulator, without errors; or Aer, with the calibration's. */

import type { Circuit } from '../../circuit/circuit.ts';
import { emitForSdk } from '../../circuit/sdk-text.ts';
import { type ExpectationProgram, expectationsInWorker } from '../../sdk/expectation.ts';
import { type FoundPython, findPython, type PythonChoice } from '../../sdk/python.ts';
import { type ExportedCircuit, exportCircuits, readCounts, runNoisy } from '../../sdk/runner.ts';
import { simulatorSdk } from '../../sdk/simulator.ts';
import type { Moments } from '../../simulator/expectation.ts';
import type { Properties } from './device.ts';
import { noiseOn } from './noise.ts';

export interface SampleProgram {
  readonly circuit: Circuit;
  /** The device's number of each qubit. */
  readonly physical: readonly number[];
  readonly shots: number;
}

export type Counts = ReadonlyMap<string, number>;

export interface Engine {
  readonly name: 'simulator' | 'aer';
  /** Keyed c[n-1]…c[0]. */
  sample(
    programs: readonly SampleProgram[],
    seed: number,
    calibration: Properties,
    signal: AbortSignal,
  ): Promise<Counts[]>;
  /** Exactly, of circuits that one state answers for. Absent where there are errors. */
  readonly expectations?: (
    programs: readonly ExpectationProgram[],
    signal: AbortSignal,
  ) => Promise<Moments[][][]>;
}

const TIMEOUT_MS = 600_000;

export const simulatorEngine: Engine = {
  name: 'simulator',
  sample: async (programs, seed, _, signal) => {
    const outcome = await simulatorSdk.run({ programs, seed }, { timeoutMs: TIMEOUT_MS, signal });
    return outcome.programs.map(({ counts }) => counts);
  },
  expectations: expectationsInWorker,
};

export function aerEngine(choice: PythonChoice): Engine {
  return {
    name: 'aer',
    sample: async (programs, seed, calibration, signal) => {
      const { python } = await findPython('qiskit', choice, { signal });
      const runner = { sdk: 'qiskit', python } as const;
      const noisy = programs.map(({ circuit, physical, shots }) => ({
        format: 'openqasm3' as const,
        text: emitForSdk('qiskit', circuit).text,
        shots,
        noise: noiseOn(calibration, physical),
      }));
      const counts = await runNoisy(runner, { programs: noisy, seed }, { timeoutMs: TIMEOUT_MS, signal });
      return counts.map((answered, index) => {
        const { circuit, shots } = programs[index]!;
        return readCounts(runner, answered, circuit.bits, shots);
      });
    },
  };
}

export interface QpyReading {
  readonly circuits: readonly ExportedCircuit[];
  /** Of the Qiskit that read it. */
  readonly qiskitVersion: string | undefined;
}

/** The Python that reads circuits which come as QPY. @throws QpoeError `external` where there is none with Qiskit */
export function findQpyReader(choice: PythonChoice, signal: AbortSignal): Promise<FoundPython> {
  return findPython('qiskit', { ...choice, packages: ['qiskit'] }, { signal });
}

/** @throws QpoeError `external` where no Qiskit is found */
export async function readQpyFiles(
  choice: PythonChoice,
  files: readonly Uint8Array[],
  signal: AbortSignal,
): Promise<QpyReading> {
  const { python, description } = await findQpyReader(choice, signal);
  const limits = { timeoutMs: TIMEOUT_MS, signal };
  const { circuits } = await exportCircuits({ sdk: 'qiskit', python }, files, limits);
  return { circuits, qiskitVersion: description.packages.qiskit };
}
