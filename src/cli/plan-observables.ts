/**
 * `--observable`: what expectation values are asked of. Each flag is one observable, or a file of them:
 *
 *     ZZI                     one product of Paulis, the leftmost letter the highest qubit's
 *     ZZI=0.5,IXX=-1          a sum of products
 *     observables.json        ["ZZI", {"ZZI": 0.5, "IXX": -1}]
 */

import type { Observable } from '../circuit/observable.ts';
import { fromUtf8 } from '../core/bytes.ts';
import { QpoeError } from '../core/error.ts';
import { isJsonObject, JsonError, type JsonValue, parseJson } from '../core/json.ts';
import { printable } from '../core/printable.ts';
import { readBounded } from '../store/files.ts';
import { type PlannedJob, readNumber } from './planned-job.ts';

const MAX_FILE_BYTES = 10_000_000;
const MAX_TERMS = 10_000;
const LITERAL = /^[A-Z]+(?:=|,|$)/;
const PAULIS = /^[IXYZ]+$/;

/** @throws QpoeError `usage` (not observables), `refused` (not as wide as a circuit, or too many) */
export function planObservables(flags: readonly string[], job: PlannedJob): Observable[] {
  const observables = flags.flatMap((flag) => (LITERAL.test(flag) ? [readLiteral(flag)] : readFile(flag)));
  const terms = observables.reduce((sum, observable) => sum + observable.length, 0);
  if (terms * job.programs.length > MAX_TERMS)
    throw new QpoeError('refused', `${terms} terms for ${job.programs.length} programs, over ${MAX_TERMS}`);
  for (const { circuit } of job.programs)
    for (const observable of observables) checkWidth(observable, circuit.qubits);
  return observables;
}

function readLiteral(flag: string): Observable {
  const terms = flag.split(',').map((text): readonly [string, number] => {
    const at = text.indexOf('=');
    if (at < 0) return [text, 1];
    return [text.slice(0, at), readNumber(`--observable ${text.slice(0, at)}`, text.slice(at + 1))];
  });
  return checked(terms, `--observable ${flag}`);
}

function readFile(path: string): Observable[] {
  const value = parseFile(path);
  const leaves = Array.isArray(value) ? value : [value];
  if (leaves.length === 0) throw notObservables(path, 'it lists none');
  return leaves.map((leaf, index) => readLeaf(leaf, `${path}: observable ${index}`));
}

function parseFile(path: string): JsonValue {
  try {
    return parseJson(fromUtf8(readBounded(path, MAX_FILE_BYTES)) ?? '');
  } catch (error) {
    if (error instanceof JsonError) throw notObservables(path, error.message);
    throw error;
  }
}

function readLeaf(leaf: JsonValue, where: string): Observable {
  if (typeof leaf === 'string') return checked([[leaf, 1]], where);
  if (!isJsonObject(leaf)) throw notObservables(where, 'neither a label nor labels with coefficients');
  return checked(
    Object.entries(leaf).map(([label, coefficient]) => {
      if (typeof coefficient !== 'number')
        throw notObservables(where, `the coefficient of ${label} is no real number`);
      return [label, coefficient] as const;
    }),
    where,
  );
}

function checked(observable: Observable, where: string): Observable {
  if (observable.length === 0) throw notObservables(where, 'a sum of nothing');
  const seen = new Set<string>();
  for (const [label] of observable) {
    if (!PAULIS.test(label)) throw notObservables(where, `"${label}" is no product of I, X, Y and Z`);
    if (seen.has(label)) throw notObservables(where, `${label} is there twice`);
    seen.add(label);
  }
  return observable;
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
