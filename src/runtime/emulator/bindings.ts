/** What the parameters of one circuit are bound to: an array of value sets. */

import { isJsonObject, type JsonValue } from '../../core/json.ts';
import { broadcastIndex, broadcastShape, readArray } from './arrays.ts';
import { JobFault } from './job-fault.ts';
import { countOf, type NdArray } from './npy.ts';
import { typeOf } from './typed-value.ts';

export interface Bindings {
  readonly shape: readonly number[];
  /** In C order of the shape; in each, a value for each input. */
  readonly sets: readonly (readonly number[])[];
}

/** A job with more is refused: each is a circuit to run. */
export const MAX_SETS = 10_000;

/** @throws JobFault */
export function readBindings(values: JsonValue, inputs: readonly string[]): Bindings {
  try {
    const bindings = isNamed(values) ? fromNamed(values, inputs) : fromArray(values, inputs);
    if (bindings.sets.length === 0) throw new RangeError('there are none');
    return bindings;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new JobFault(`The parameter values can't be used: ${error.message}.`);
  }
}

function isNamed(values: JsonValue): values is Record<string, JsonValue> {
  return isJsonObject(values) && typeOf(values) === undefined;
}

function fromArray(values: JsonValue, inputs: readonly string[]): Bindings {
  if (values === null) return { shape: [], sets: [[]] };
  const { shape, values: flat } = withLastAxis(readArray(values), inputs.length);
  if (shape.at(-1) !== inputs.length)
    throw new RangeError(`they are of shape (${shape.join(', ')}), for ${inputs.length} parameters`);
  const outer = shape.slice(0, -1);
  const width = inputs.length;
  return {
    shape: outer,
    sets: Array.from({ length: bounded(outer) }, (_, at) =>
      Array.from({ length: width }, (_, input) => flat[at * width + input]!),
    ),
  };
}

/** Of one parameter, the values may be given without an axis of their own: as Qiskit takes them. */
function withLastAxis(array: NdArray, width: number): NdArray {
  return width === 1 && array.shape.at(-1) !== 1 ? { ...array, shape: [...array.shape, 1] } : array;
}

function fromNamed(values: Record<string, JsonValue>, inputs: readonly string[]): Bindings {
  const unknown = Object.keys(values).find((name) => !inputs.includes(name));
  if (unknown !== undefined) throw new RangeError(`no parameter is named ${JSON.stringify(unknown)}`);
  const arrays = inputs.map((name) => {
    if (!Object.hasOwn(values, name)) throw new RangeError(`the parameter ${name} has none`);
    return readArray(values[name]!);
  });
  const shape = arrays.reduce<number[]>((whole, array) => broadcastShape(whole, array.shape), []);
  return {
    shape,
    sets: Array.from({ length: bounded(shape) }, (_, at) =>
      arrays.map((array) => array.values[broadcastIndex(array.shape, shape, at)]!),
    ),
  };
}

function bounded(shape: readonly number[]): number {
  const count = countOf(shape);
  if (count > MAX_SETS) throw new RangeError(`${count} sets of values; this emulator takes ${MAX_SETS}`);
  return count;
}
