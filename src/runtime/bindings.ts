/**
 * The values that a PUB binds to a circuit's parameters, point by point of the sweep:
 *
 *     [[0.1],[0.5]] or an ndarray      one parameter, two points: the last axis runs over the parameters
 *     {"theta":[0.1,0.5]}              by name
 *     BindingsArray                    by names, encoded
 */

import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts';
import { asEncoded } from '../record/job-results/encoded.ts';
import { readReals } from '../record/job-results/ndarray.ts';
import { sizeOf } from '../record/job-results/npy.ts';
import { Undecodable } from '../record/job-results/undecodable.ts';
import { inflation } from './inflation.ts';

export interface Bindings {
  readonly shape: readonly number[];
  /** Name → value at a point; undefined where the names of the parameters are not known. */
  at(point: number): ReadonlyMap<string, number> | undefined;
  /** The values at a point, in the order of the parameters. */
  listAt(point: number): readonly number[];
}

const NONE: Bindings = { shape: [], at: () => new Map(), listAt: () => [] };

/** @param names in the circuit's order; undefined where they aren't known. @throws Undecodable */
export function readBindings(value: JsonValue | undefined, names: readonly string[] | undefined): Bindings {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return NONE;
  const encoded = asEncoded(value);
  if (encoded?.type === 'BindingsArray') return readNamed(unwrapBindings(encoded.value));
  if (encoded === undefined && isJsonObject(value)) return readNamed(Object.entries(value));
  const { shape, data } = readReals(value, inflation());
  const width = shape.at(-1) ?? 1;
  // A lone row is of several parameters, or of one and several points.
  if (shape.length === 1 && names?.length === 1 && width > 1) return inOrder(shape, data, 1, names);
  return inOrder(shape.slice(0, -1), data, width, names);
}

function inOrder(
  shape: readonly number[],
  data: Float64Array,
  width: number,
  names: readonly string[] | undefined,
): Bindings {
  const listAt = (point: number): readonly number[] => [...data.subarray(point * width, (point + 1) * width)];
  return {
    shape,
    listAt,
    at: (point) =>
      names?.length === width || width === 0
        ? new Map(listAt(point).map((value, index) => [names![index]!, value]))
        : undefined,
  };
}

/** `{"shape":[2],"data":{"[\"theta\"]":ndarray}}`: a member's name is the JSON list of the parameters that it binds. */
function unwrapBindings(value: JsonValue): [string, JsonValue][] {
  const data = isJsonObject(value) ? value.data : undefined;
  if (!isJsonObject(data)) throw new Undecodable('a BindingsArray without data');
  return Object.entries(data).map(([name, held]) => [namesOf(name), held]);
}

function namesOf(text: string): string {
  const list = /^\["((?:[^"\\])*)"(?:, ?"(?:[^"\\])*")*\]$/.exec(text);
  return list === null ? text : [...text.matchAll(/"([^"\\]*)"/g)].map(([, name]) => name).join(',');
}

/** `{"a":…}` or `{"a,b":…}`, whose last axis runs over the names. */
function readNamed(entries: readonly (readonly [string, JsonValue])[]): Bindings {
  if (entries.length === 0) return NONE;
  const columns = entries.flatMap(([key, value]) =>
    columnsOf(
      key.split(',').map((name) => name.trim()),
      value,
    ),
  );
  const [first] = columns;
  const shape = columns.find((column) => column.shape.length > 0)?.shape ?? first!.shape;
  for (const column of columns)
    if (column.shape.length > 0 && column.shape.join() !== shape.join())
      throw new Undecodable('parameters whose values have different shapes');
  const pick = ({ values }: Column, point: number): number =>
    values.length === 1 ? values[0]! : values[point]!;
  return {
    shape,
    at: (point) => new Map(columns.map((column) => [column.name, pick(column, point)])),
    listAt: (point) => columns.map((column) => pick(column, point)),
  };
}

interface Column {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

function columnsOf(names: readonly string[], value: JsonValue): Column[] {
  const { shape, data } = readReals(value, inflation());
  if (names.length === 1) {
    const own = shape.length > 1 && shape.at(-1) === 1 ? shape.slice(0, -1) : shape;
    return [{ name: names[0]!, shape: own, values: data }];
  }
  if (shape.at(-1) !== names.length) throw new Undecodable('values for another number of parameters');
  const points = sizeOf(shape.slice(0, -1));
  return names.map((name, index) => ({
    name,
    shape: shape.slice(0, -1),
    values: Float64Array.from({ length: points }, (_, point) => data[point * names.length + index]!),
  }));
}

export function describeValues(bindings: Bindings, point: number): JsonObject {
  const named = bindings.at(point);
  const list = bindings.listAt(point);
  // NaN and infinities have no canonical form.
  if (!list.every(Number.isFinite)) return { not_finite: true };
  if (named !== undefined) return Object.fromEntries(named);
  return list.length === 0 ? {} : { parameters: list };
}
