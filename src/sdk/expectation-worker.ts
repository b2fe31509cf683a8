/** Exact expectation values in a thread of their own: a state of 24 qubits takes seconds, in which a server must answer. */

import { parentPort, workerData } from 'node:worker_threads';
import type { Circuit } from '../circuit/circuit.ts';
import type { Term } from '../circuit/observable.ts';
import { type ErrorCode, QpoeError } from '../core/error.ts';
import { exactMoments, type Moments } from '../simulator/expectation.ts';

export interface ExpectationProgram {
  readonly circuit: Circuit;
  readonly sums: readonly (readonly Term[])[];
}

export type ExpectationAnswer =
  | { readonly moments: Moments[][][]; readonly error?: never }
  | { readonly error: { code: ErrorCode; message: string } };

parentPort!.postMessage(answer(workerData as ExpectationProgram[]));

function answer(programs: readonly ExpectationProgram[]): ExpectationAnswer {
  try {
    return { moments: programs.map(({ circuit, sums }) => exactMoments(circuit, sums)) };
  } catch (error) {
    // A class does not survive the way between threads.
    if (!(error instanceof QpoeError)) throw error;
    return { error: { code: error.code, message: error.message } };
  }
}
