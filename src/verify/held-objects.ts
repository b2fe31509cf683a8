/** What a record names by digest, read from wherever it is held: nothing that has another digest, and nothing misshapen. */

import type { Circuit } from '../circuit/circuit.ts';
import { type Observable, readObservable } from '../circuit/observable.ts';
import { readCircuit } from '../circuit/read-circuit.ts';
import { type Digest, digestOf } from '../core/digest.ts';
import { JsonError, type JsonValue, parseJsonBytes } from '../core/json.ts';
import type { Program, Result } from '../record/schema.ts';

/** Undefined where it isn't held. Whoever reads checks the digest. */
export type ReadObject = (digest: Digest) => Uint8Array | undefined;

/** The program's gate list, or why there is none. */
export function findCircuit({ circuit: digest }: Program, read: ReadObject): Circuit | string {
  if (digest === undefined) return 'the record names no gate list of it';
  const held = readJson(digest, read);
  if (typeof held === 'string') return `its circuit ${held}`;
  const { value, fault } = readCircuit(held.value);
  return fault === undefined ? value : `its circuit ${digest} is no gate list: ${fault}`;
}

/** What the program's expectation values are of, or why it isn't known. */
export function findObservables(
  { observables: digest }: Program,
  read: ReadObject,
): readonly Observable[] | string {
  if (digest === undefined) return 'the record names no observables of it';
  const held = readJson(digest, read);
  if (typeof held === 'string') return `its observables ${held}`;
  if (!Array.isArray(held.value) || held.value.length === 0)
    return `its observables ${digest} are no list of any`;
  try {
    return held.value.map(readObservable);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return `its observables ${digest}: ${error.message}`;
  }
}

/** The program's counts, or why there are none. */
export function findCounts(
  result: Result,
  { shots }: Program,
  read: ReadObject,
): ReadonlyMap<string, number> | string {
  if (result.kind === 'none') return 'it has no result';
  if (result.kind === 'expectation') return 'its result is expectation values';
  if (!('digest' in result)) return new Map(Object.entries(result.counts));
  const held = readJson(result.digest, read);
  if (typeof held === 'string') return `its counts ${held}`;
  const counts = readCounts(held.value, result.bits);
  const total =
    counts === undefined ? undefined : [...counts.values()].reduce((sum, count) => sum + count, 0);
  return counts !== undefined && total === shots && counts.size === result.outcomes
    ? counts
    : `its counts ${result.digest} are not what the record says of them`;
}

function readJson(digest: Digest, read: ReadObject): { readonly value: JsonValue } | string {
  const bytes = read(digest);
  if (bytes === undefined) return `${digest} is not here`;
  if (digestOf(bytes) !== digest) return `${digest} has another digest`;
  try {
    return { value: parseJsonBytes(bytes) };
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return `${digest}: ${error.message}`;
  }
}

function readCounts(value: JsonValue, bits: number): ReadonlyMap<string, number> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const counts = new Map<string, number>();
  for (const [outcome, count] of Object.entries(value)) {
    const isCount = typeof count === 'number' && Number.isSafeInteger(count) && count > 0;
    if (!isCount || outcome.length !== bits || !/^[01]+$/.test(outcome)) return undefined;
    counts.set(outcome, count);
  }
  return counts;
}
