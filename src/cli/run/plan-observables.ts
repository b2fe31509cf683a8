/**
 * `--observable`: what expectation values are asked of. Each flag is one observable, or a file of them:
 *
 *     ZZI                     one product of Paulis, the leftmost letter the highest qubit's
 *     ZZI=0.5,IXX=-1          a sum of products
 *     observables.json        ["ZZI", {"ZZI": 0.5, "IXX": -1}]
 */

import type { Circuit } from '../../circuit/circuit.ts';
import { makeObservable, type Observable, readObservable } from '../../circuit/observable.ts';
import { fromUtf8 } from '../../core/bytes.ts';
import { QpoeError } from '../../core/error.ts';
import { JsonError, type JsonValue, parseJson } from '../../core/json.ts';
import { printable } from '../../core/printable.ts';
import { readBounded } from '../../store/files.ts';
import { type PlannedJob, readNumber } from './planned-job.ts';

const MAX_FILE_BYTES = 10_000_000;
const MAX_TERMS = 10_000;
const LITERAL = /^[A-Z]+(?:=|,|$)/;

/** @throws QpoeError `usage` (not observables), `refused` (not as wide as a circuit, or too many) */
export function planObservables(flags: readonly string[], job: PlannedJob): Observable[] {
  const observables = flags.flatMap((flag) => (LITERAL.test(flag) ? [readLiteral(flag)] : readFile(flag)));
  checkObservables(
    observables,
    job.programs.map(({ circuit }) => circuit),
  );
  return observables;
}

/** @throws QpoeError `refused` */
export function checkObservables(observables: readonly Observable[], circuits: readonly Circuit[]): void {
  const terms = observables.reduce((sum, observable) => sum + observable.length, 0);
  if (terms * circuits.length > MAX_TERMS)
    throw new QpoeError('refused', `${terms} terms for ${circuits.length} programs, over ${MAX_TERMS}`);
  for (const { qubits } of circuits) for (const observable of observables) checkWidth(observable, qubits);
}

function readLiteral(flag: string): Observable {
  const terms = flag.split(',').map((text): readonly [string, number] => {
    const at = text.indexOf('=');
    if (at < 0) return [text, 1];
    return [text.slice(0, at), readNumber(`--observable ${text.slice(0, at)}`, text.slice(at + 1))];
  });
  return checked(() => makeObservable(terms), `--observable ${flag}`);
}

function readFile(path: string): Observable[] {
  const value = parseFile(path);
  const leaves = Array.isArray(value) ? value : [value];
  if (leaves.length === 0) throw notObservables(path, 'it lists none');
  return leaves.map((leaf, index) => checked(() => readObservable(leaf), `${path}: observable ${index}`));
}

function parseFile(path: string): JsonValue {
  try {
    return parseJson(fromUtf8(readBounded(path, MAX_FILE_BYTES)) ?? '');
  } catch (error) {
    if (error instanceof JsonError) throw notObservables(path, error.message);
    throw error;
  }
}

function checked(read: () => Observable, where: string): Observable {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) throw notObservables(where, error.message);
    throw error;
  }
}

function notObservables(where: string, why: string): QpoeError {
  return new QpoeError(
    'usage',
    `${printable(where, 200)}: ${printable(why, 200)}`,
    'give --observable ZZI, a sum as ZZI=0.5,IXX=-1, or a file ["ZZI",{"ZZI":0.5}]',
  );
}

function checkWidth(observable: Observable, qubits: number): void {
  const other = observable.find(([label]) => label.length !== qubits);
  if (other === undefined) return;
  throw new QpoeError(
    'refused',
    `the observable ${printable(other[0], 100)} has ${other[0].length} letters, and the circuit ${qubits} qubits`,
    'give one letter for each qubit, the leftmost for the highest, I for none',
  );
}
