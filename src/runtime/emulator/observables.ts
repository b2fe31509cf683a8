/**
 * Observables as the official client writes them: nested lists whose leaves are sums of products, `{"ZZ":0.5,"IX":1}`, or a
 * product alone, `"ZZ"`.
 */

import { readSum, type Term } from '../../circuit/observable.ts';
import { isJsonObject, type JsonValue } from '../../core/json.ts';
import { collect } from './arrays.ts';
import { JobFault } from './job-fault.ts';
import { typeOf } from './typed-value.ts';

export interface Observables {
  readonly shape: readonly number[];
  readonly sums: readonly (readonly Term[])[];
}

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
