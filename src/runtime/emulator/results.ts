/**
 * A job's results as `/jobs/{id}/results` gives them: in plain JSON, or in the official client's form where the job asked
 * for it (`support_qiskit`).
 *
 *     {"results":[{"data":{"c":{"samples":["0x3"],"num_bits":2}},"metadata":{}}],"metadata":{}}
 *     {"__type__":"PrimitiveResult","__value__":{"pub_results":[{"__type__":"SamplerPubResult",…}],"metadata":{…}}}
 */

import type { JsonObject, JsonValue } from '../../core/json.ts';
import { nest } from './arrays.ts';
import type { EstimatedPub } from './estimator.ts';
import { countOf, writeBytes, writeDoubles } from './npy.ts';
import type { PrimitiveParams } from './pubs.ts';
import type { SampledPub, SampledRegister } from './sampler.ts';
import { packed, typed } from './typed-value.ts';

export interface Span {
  readonly started: Date;
  readonly finished: Date;
}

export function samplerResults(pubs: readonly SampledPub[], params: PrimitiveParams, span: Span): JsonObject {
  if (!params.supportQiskit)
    return {
      results: pubs.map((pub) => ({ data: plainRegisters(pub), metadata: {} })),
      metadata: optionsOf(params),
    };
  return primitiveResult(
    pubs.map((pub) => typed('SamplerPubResult', { data: samplerBin(pub), metadata: CIRCUIT_METADATA })),
    { ...optionsOf(params), execution: { execution_spans: spansOf(pubs, span) }, version: 2 },
  );
}

export function estimatorResults(pubs: readonly EstimatedPub[], params: PrimitiveParams): JsonObject {
  const metadata = ({ shots, precision }: EstimatedPub) => ({
    shots,
    target_precision: precision,
    ...CIRCUIT_METADATA,
    resilience: {},
  });
  if (!params.supportQiskit)
    return {
      results: pubs.map((pub) => ({
        data: { evs: nest(pub.shape, pub.values), stds: nest(pub.shape, pub.errors) },
        metadata: metadata(pub),
      })),
      metadata: optionsOf(params),
    };
  return primitiveResult(
    pubs.map((pub) => typed('PubResult', { data: estimatorBin(pub), metadata: metadata(pub) })),
    { ...optionsOf(params), version: 2 },
  );
}

const CIRCUIT_METADATA = { circuit_metadata: {} };

/** Mitigation is not emulated; that it was asked for is said. */
function optionsOf({ options }: PrimitiveParams): JsonObject {
  const echoed = ['dynamical_decoupling', 'twirling', 'resilience'];
  return Object.fromEntries(Object.entries(options).filter(([name]) => echoed.includes(name)));
}

function primitiveResult(results: JsonValue, metadata: JsonObject): JsonObject {
  return typed('PrimitiveResult', { pub_results: results, metadata });
}

function plainRegisters({ shape, shots, registers }: SampledPub): JsonObject {
  return Object.fromEntries(
    registers.map((register) => [
      register.name,
      { samples: nest([...shape, shots], hexOf(register)), num_bits: register.bits },
    ]),
  );
}

function hexOf({ bits, bytes }: SampledRegister): string[] {
  const width = Math.ceil(bits / 8);
  const hex = Buffer.from(bytes).toString('hex');
  return Array.from(
    { length: bytes.length / width },
    (_, at) => `0x${hex.slice(2 * width * at, 2 * width * (at + 1)).replace(/^0+(?=.)/, '')}`,
  );
}

function samplerBin({ shape, shots, registers }: SampledPub): JsonObject {
  const fields = registers.map(({ name, bits, bytes }) => {
    const array = packed('ndarray', writeBytes([...shape, shots, Math.ceil(bits / 8)], bytes));
    return [name, typed('BitArray', { array, num_bits: bits })] as const;
  });
  return dataBin(shape, fields);
}

function estimatorBin({ shape, values, errors }: EstimatedPub): JsonObject {
  const array = (numbers: readonly number[]) => packed('ndarray', writeDoubles({ shape, values: numbers }));
  return dataBin(shape, [
    ['evs', array(values)],
    ['stds', array(errors)],
    ['ensemble_standard_error', array(errors)],
  ]);
}

function dataBin(shape: readonly number[], fields: readonly (readonly [string, JsonValue])[]): JsonObject {
  return typed('DataBin', {
    field_names: fields.map(([name]) => name),
    shape: [...shape],
    fields: Object.fromEntries(fields),
  });
}

/** All of the job in one span: when which shots were taken. */
function spansOf(pubs: readonly SampledPub[], { started, finished }: Span): JsonObject {
  const slices = pubs.map(({ shape, shots }, index) => [
    String(index),
    [[...shape, shots], 0, countOf(shape), 0, shots],
  ]);
  const time = (date: Date) => typed('datetime', date.toISOString());
  const span = typed('DoubleSliceSpan', {
    start: time(started),
    stop: time(finished),
    data_slices: Object.fromEntries(slices),
  });
  return typed('ExecutionSpans', { spans: [span] });
}
