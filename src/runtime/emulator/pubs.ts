/**
 * The primitives' unified blocs (PUBs), as `params.pubs` of a job holds them:
 *
 *     sampler    [circuit, values?, shots?]                    or the circuit alone
 *     estimator  [circuit, observables, values?, precision?]
 *
 * A circuit is OpenQASM text, or QPY in the official client's form. Values are an array whose last axis is the circuit's
 * parameters, or an object of arrays by name. Everything about the circuit itself is found out when the job runs.
 */

import * as z from 'zod/mini';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import { checkShape } from '../../core/shape.ts';
import { invalid } from './api-error.ts';
import { typeOf, unpack } from './typed-value.ts';

type CircuitSource =
  | { readonly form: 'openqasm'; readonly text: string }
  | { readonly form: 'qpy'; readonly file: Uint8Array };

export interface Pub {
  readonly source: CircuitSource;
  readonly values: JsonValue;
  /** Of an estimator. */
  readonly observables?: JsonValue;
  /** Of a sampler. */
  readonly shots?: number;
  /** Of an estimator. */
  readonly precision?: number;
}

export interface PrimitiveParams {
  readonly pubs: readonly Pub[];
  readonly supportQiskit: boolean;
  readonly options: JsonObject;
  readonly shots?: number;
  readonly precision?: number;
}

export type PrimitiveName = 'sampler' | 'estimator';

const MAX_PUBS = 1_000;
const count = z.int().check(z.positive());
const error = z.number().check(z.positive());

const paramsSchema = z.looseObject({
  pubs: z.array(z.unknown()).check(z.minLength(1), z.maxLength(MAX_PUBS)),
  version: z.optional(z.literal(2)),
  support_qiskit: z.optional(z.boolean()),
  shots: z.optional(z.nullable(count)),
  precision: z.optional(z.nullable(error)),
  options: z.optional(
    z.looseObject({
      default_shots: z.optional(z.nullable(count)),
      default_precision: z.optional(z.nullable(error)),
      seed_estimator: z.optional(z.nullable(z.int().check(z.nonnegative()))),
      simulator: z.optional(
        z.looseObject({ seed_simulator: z.optional(z.nullable(z.int().check(z.nonnegative()))) }),
      ),
    }),
  ),
});

/** @throws ApiError 400 */
export function readParams(primitive: PrimitiveName, params: JsonValue | undefined): PrimitiveParams {
  const shaped = checkShape(paramsSchema, params);
  if (shaped.fault !== undefined) throw invalid(`params.${shaped.fault}`);
  const { pubs, support_qiskit, options, shots, precision } = shaped.value;
  const read = primitive === 'sampler' ? readSamplerPub : readEstimatorPub;
  return {
    pubs: pubs.map((pub, index) => read(pub as JsonValue, `params.pubs[${index}]`)),
    supportQiskit: support_qiskit === true,
    options: (options ?? {}) as JsonObject,
    ...(shots ? { shots } : {}),
    ...(precision ? { precision } : {}),
  };
}

function readSamplerPub(pub: JsonValue, where: string): Pub {
  const [circuit, values = null, shots = null, ...rest] = (Array.isArray(pub) ? pub : [pub]) as JsonValue[];
  if (rest.length > 0) throw invalid(`${where}: more than circuit, parameter values and shots`);
  const amount = checkShape(z.nullable(count), shots);
  if (amount.fault !== undefined) throw invalid(`${where}[2]: not a number of shots`);
  return {
    source: readSource(circuit, where),
    values,
    ...(amount.value === null ? {} : { shots: amount.value }),
  };
}

function readEstimatorPub(pub: JsonValue, where: string): Pub {
  if (!Array.isArray(pub) || pub.length < 2 || pub.length > 4)
    throw invalid(`${where}: not a circuit, observables, parameter values and a precision`);
  const [circuit, observables, values = null, precision = null] = pub as JsonValue[];
  const amount = checkShape(z.nullable(error), precision);
  if (amount.fault !== undefined) throw invalid(`${where}[3]: not a precision`);
  return {
    source: readSource(circuit, where),
    values,
    observables: observables!,
    ...(amount.value === null ? {} : { precision: amount.value }),
  };
}

function readSource(circuit: JsonValue | undefined, where: string): CircuitSource {
  if (typeof circuit === 'string') return { form: 'openqasm', text: circuit };
  if (typeOf(circuit) === 'QuantumCircuit' && isJsonObject(circuit) && typeof circuit.__value__ === 'string')
    try {
      return { form: 'qpy', file: unpack(circuit.__value__) };
    } catch (error) {
      throw invalid(`${where}[0]: the circuit is ${(error as RangeError).message}`);
    }
  throw invalid(`${where}[0]: the circuit is neither OpenQASM nor QPY`);
}
