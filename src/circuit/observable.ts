/**
 * Observables: sums of products of Paulis and projectors, one letter a qubit. The leftmost letter is the highest qubit's, as
 * Qiskit writes them: `ZZI` of three qubits is Z on q[2] and q[1], and looks at q[0] not at all.
 */

import { canonicalBytes } from '../core/jcs.ts';
import { isJsonObject, type JsonValue } from '../core/json.ts';

export type Letter = 'X' | 'Y' | 'Z' | '0' | '1' | '+' | '-' | 'r' | 'l';

export interface Term {
  readonly coefficient: number;
  /** What stands on which qubit, identities left out. */
  readonly letters: readonly { readonly qubit: number; readonly letter: Letter }[];
}

/** Coefficient by label; each label once. */
export type Observable = readonly (readonly [label: string, coefficient: number])[];

const LETTERS = /^[IXYZ01+\-rl]*$/;
const PAULIS = /^[IXYZ]+$/;

/**
 * A label, or labels with coefficients: `"ZZ"`, `{"ZZ":0.5,"IX":1}`.
 *
 * @param least  qubits of the circuit, and `most` of the device: a label has a letter for each
 * @throws RangeError
 */
export function readSum(leaf: JsonValue, least: number, most: number): Term[] {
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

/** @throws RangeError */
export function termsOf(observable: Observable, qubits: number): Term[] {
  return observable.map(([label, coefficient]) => readTerm(label, coefficient, qubits, qubits));
}

/**
 * In the order that a record's object has its terms in: each is measured in its turn, so that the order decides which numbers it draws.
 *
 * @throws RangeError
 */
export function makeObservable(terms: Observable): Observable {
  if (terms.length === 0) throw new RangeError('a sum of nothing');
  const seen = new Set<string>();
  for (const [label] of terms) {
    if (!PAULIS.test(label)) throw new RangeError(`"${label}" is no product of I, X, Y and Z`);
    if (seen.has(label)) throw new RangeError(`${label} is there twice`);
    seen.add(label);
  }
  return [...terms].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** @throws RangeError */
export function readObservable(leaf: JsonValue): Observable {
  if (typeof leaf === 'string') return makeObservable([[leaf, 1]]);
  if (!isJsonObject(leaf)) throw new RangeError('neither a label nor labels with coefficients');
  return makeObservable(
    Object.entries(leaf).map(([label, coefficient]) => {
      if (typeof coefficient !== 'number')
        throw new RangeError(`the coefficient of ${label} is no real number`);
      return [label, coefficient] as const;
    }),
  );
}

/** For people: `ZZ`, `2 IZ + 0.5 ZI`. */
export function observableText(observable: Observable): string {
  return observable
    .map(([label, coefficient]) => (coefficient === 1 ? label : `${coefficient} ${label}`))
    .join(' + ');
}

/** As a record's `observables` object holds it: a label alone where that says it all. */
function observableJson(observable: Observable): JsonValue {
  const [first, ...rest] = observable;
  return rest.length === 0 && first?.[1] === 1 ? first[0] : Object.fromEntries(observable);
}

/** What a record names by digest: these observables, in their order. */
export function observablesObject(observables: readonly Observable[]): Uint8Array {
  return canonicalBytes(observables.map(observableJson));
}
