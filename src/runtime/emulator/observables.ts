/**
 * Observables as the official client writes them: nested lists whose leaves are sums of products, `{"ZZ":0.5,"IX":1}`, or a
 * product alone, `"ZZ"`. A letter a qubit, the last qubit's first: I, X, Y, Z and the projectors 0 1 + - r l.
 */

import { isJsonObject, type JsonValue } from '../../core/json.ts';
import { collect } from './arrays.ts';
import { JobFault } from './job-fault.ts';
import { typeOf } from './typed-value.ts';

export type Letter = 'X' | 'Y' | 'Z' | '0' | '1' | '+' | '-' | 'r' | 'l';

export interface Term {
  readonly coefficient: number;
  /** What stands on which qubit, identities left out. */
  readonly letters: readonly { readonly qubit: number; readonly letter: Letter }[];
}

export interface Observables {
  readonly shape: readonly number[];
  readonly sums: readonly (readonly Term[])[];
}

const LETTERS = /^[IXYZ01+\-rl]*$/;

/**
 * @param least  qubits of the circuit, and `most` of the device: a label has a letter for each
 * @throws JobFault
 */
export function readObservables(value: JsonValue, least: number, most: number): Observables {
  const inner = typeOf(value) === 'ObservablesArray' && isJsonObject(value) ? value.__value__! : value;
  const sums: Term[][] = [];
  try {
    const shape = collect(inner, (leaf) => {
      sums.push(readSum(leaf, least, most));
    });
    return { shape, sums };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new JobFault(`The observables can't be used: ${error.message}.`);
  }
}

function readSum(leaf: JsonValue, least: number, most: number): Term[] {
  if (typeof leaf === 'string') return [readTerm(leaf, 1, least, most)];
  if (!isJsonObject(leaf)) throw new RangeError('one is neither a label nor labels with coefficients');
  return Object.entries(leaf).map(([label, coefficient]) => {
    if (typeof coefficient !== 'number')
      throw new RangeError(`the coefficient of ${label} is no real number`);
    return readTerm(label, coefficient, least, most);
  });
}

function readTerm(label: string, coefficient: number, least: number, most: number): Term {
  if (!LETTERS.test(label))
    throw new RangeError(`"${label.slice(0, 200)}" is no product of Paulis and projectors`);
  if (label.length < least || label.length > most)
    throw new RangeError(`"${label.slice(0, 200)}" has ${label.length} letters, for ${least} qubits`);
  const letters = [...label]
    .map((letter, at) => ({ letter, qubit: label.length - 1 - at }))
    .filter(({ letter }) => letter !== 'I');
  return { coefficient, letters: letters as Term['letters'] };
}

/** The qubits that observables look at. */
export function supportOf({ sums }: Observables): Set<number> {
  return new Set(sums.flatMap((sum) => sum.flatMap(({ letters }) => letters.map(({ qubit }) => qubit))));
}

/** The same on other numbers. */
export function renumberTerm(term: Term, numbers: ReadonlyMap<number, number>): Term {
  return {
    ...term,
    letters: term.letters.map(({ qubit, letter }) => ({ letter, qubit: numbers.get(qubit)! })),
  };
}
