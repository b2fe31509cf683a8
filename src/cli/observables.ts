/** `--observable`: a Pauli label, or a sum of them. `ZZ`, `ZZ=1,XX=0.5`; the last letter is of qubit 0, as in Qiskit. */

import { QpoeError } from '../core/error.ts';
import { readNumber } from './planned-job.ts';

export type Observable = Readonly<Record<string, number>>;

const LABEL = /^[IXYZ]+$/;

export function readObservable(text: string): Observable {
  const terms = new Map<string, number>();
  for (const term of text.split(',')) {
    const [label = '', factor, ...rest] = term.split('=');
    if (!LABEL.test(label) || rest.length > 0)
      throw new QpoeError(
        'usage',
        `--observable ${text}: "${term}" is no product of Paulis`,
        'write it like ZZ or ZZ=1,XX=0.5: a letter of I, X, Y, Z for each qubit, the last of qubit 0',
      );
    if (terms.has(label)) throw new QpoeError('usage', `--observable ${text}: ${label} stands there twice`);
    terms.set(label, factor === undefined ? 1 : readNumber(`--observable ${label}`, factor));
  }
  return Object.fromEntries(terms);
}

/** @throws QpoeError `usage` where a label has not a letter for each qubit */
export function checkWidth(observables: readonly Observable[], qubits: number, what: string): void {
  for (const label of observables.flatMap(Object.keys))
    if (label.length !== qubits)
      throw new QpoeError(
        'usage',
        `--observable ${label} has ${label.length} letters, and ${what} ${qubits} qubits`,
        'give a letter for each qubit',
      );
}
