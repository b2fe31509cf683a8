/**
 * `{"__type__":"DataBin","__value__":{"field_names":["meas"],"shape":[2],"fields":{"meas":BitArray}}}`: of a sampler the
 * registers in the order of their declaration, of an estimator `evs` and `stds`.
 */

import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import { readBitArray } from './bit-array.ts';
import { asEncoded, demandEncoded, type Inflation } from './encoded.ts';
import { readReals } from './ndarray.ts';
import type { PubOutcome } from './pub-outcome.ts';
import { checkTogether } from './register.ts';
import { Undecodable } from './undecodable.ts';

/** @throws Undecodable */
export function readDataBin(
  value: JsonValue | undefined,
  metadata: JsonObject,
  inflation: Inflation,
): PubOutcome {
  const { fields, field_names: names } = demandEncoded(value, 'DataBin');
  if (!isJsonObject(fields)) throw new Undecodable('a DataBin without fields');
  // JavaScript puts members named like integers first: only the list has the order in which registers were declared.
  const ordered = isNames(names) ? names : Object.keys(fields);
  if (fields.evs !== undefined) return readExpectation(fields, metadata, inflation);
  const registers = ordered
    .filter((name) => asEncoded(fields[name])?.type === 'BitArray')
    .map((name) => readBitArray(name, fields[name], inflation));
  if (registers.length === 0)
    throw new Undecodable(`neither counts nor expectation values, but ${ordered.join(', ') || 'nothing'}`);
  checkTogether(registers);
  return { kind: 'counts', registers, metadata };
}

function isNames(names: JsonValue | undefined): names is string[] {
  return Array.isArray(names) && names.every((name) => typeof name === 'string');
}

/** @throws Undecodable */
export function readExpectation(fields: JsonObject, metadata: JsonObject, inflation: Inflation): PubOutcome {
  const evs = readReals(fields.evs, inflation);
  const stds =
    fields.stds === undefined || fields.stds === null ? undefined : readReals(fields.stds, inflation);
  if (evs.data.length === 0) throw new Undecodable('no expectation value');
  if (stds !== undefined && stds.shape.join() !== evs.shape.join())
    throw new Undecodable('values and errors of different shapes');
  const errors = stds === undefined ? {} : { errors: stds.data };
  return { kind: 'expectation', shape: evs.shape, values: evs.data, ...errors, metadata };
}
