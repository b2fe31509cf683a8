/** The state of all qubits: the amplitude of basis state i at `re[i]` and `im[i]`, qubit k being bit k of i. */

import type { Circuit } from '../circuit/circuit.ts';
import { QpoeError } from '../core/error.ts';
import { movesOf } from './moves.ts';
import { applyPass, planPasses } from './passes.ts';

export interface Statevector {
  readonly qubits: number;
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/** 2^24 amplitudes of two doubles: 256 MiB. */
export const MAX_QUBITS = 24;

/** The memory of one state's amplitudes. */
export function stateBytes(qubits: number): number {
  return 16 * 2 ** qubits;
}

/**
 * The state after every gate; measurements are taken to be terminal and leave it as it is.
 *
 * @throws QpoeError `refused` over `MAX_QUBITS`, or where the memory can't be had
 * @throws RangeError for a circuit with resets or conditions: its state is not one
 */
export function simulate({ qubits, operations }: Circuit): Statevector {
  const state = groundState(qubits);
  const moves = operations.flatMap((operation) => {
    if (operation.op === 'measure' || operation.op === 'barrier') return [];
    if (operation.op === 'reset' || operation.op === 'if')
      throw new RangeError(`${operation.op} has no one state`);
    return movesOf(operation);
  });
  for (const pass of planPasses(moves, qubits)) applyPass(state, pass);
  return state;
}

/**
 * |0…0⟩.
 *
 * @throws QpoeError `refused` over `MAX_QUBITS`, or where the memory can't be had
 */
export function groundState(qubits: number): Statevector {
  if (qubits > MAX_QUBITS) throw tooLarge(qubits, `the simulator's limit is ${MAX_QUBITS}`);
  try {
    const state = { qubits, re: new Float64Array(1 << qubits), im: new Float64Array(1 << qubits) };
    state.re[0] = 1;
    return state;
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw tooLarge(qubits, 'this machine did not give it', { cause });
  }
}

function tooLarge(qubits: number, reason: string, options?: ErrorOptions): QpoeError {
  const message = `${qubits} qubits need ${formatMemory(stateBytes(qubits))} of memory for the state: ${reason}`;
  return new QpoeError('refused', message, 'use fewer qubits, or another SDK (qpoe sdk list)', options);
}

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];

function formatMemory(bytes: number): string {
  let unit = 0;
  let value = bytes;
  for (; value >= 1024 && unit < UNITS.length - 1; unit++) value /= 1024;
  return `${value} ${UNITS[unit]}`;
}
