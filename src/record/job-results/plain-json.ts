/**
 * What the service answers to who does not ask for Qiskit's forms:
 *
 *     {"results":[{"data":{"c":{"samples":["0x3","0x0"],"num_bits":2}},"metadata":{}}],"metadata":{}}
 *     {"results":[{"data":{"evs":[0.9],"stds":[0.01]},"metadata":{}}],"metadata":{}}
 *
 * Samples are hexadecimal numbers; of a sweep they are nested lists, one for each point.
 */

import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import { readExpectation } from './data-bin.ts';
import { claim, type Inflation } from './encoded.ts';
import { flatten, isRegular, shapeOf } from './ndarray.ts';
import type { PrimitiveResult } from './primitive-result.ts';
import type { PubOutcome } from './pub-outcome.ts';
import { bytesOf, checkSize, checkTogether, makeRegister, type Register } from './register.ts';
import { Undecodable } from './undecodable.ts';

/** @throws Undecodable */
export function readPlainJson(value: JsonValue, inflation: Inflation): PrimitiveResult {
  if (!isJsonObject(value) || !Array.isArray(value.results)) throw new Undecodable('no list of results');
  return {
    pubs: (value.results as JsonValue[]).map((pub) => readPub(pub, inflation)),
    metadata: isJsonObject(value.metadata) ? value.metadata : {},
  };
}

function readPub(value: JsonValue, inflation: Inflation): PubOutcome {
  const metadata = isJsonObject(value) && isJsonObject(value.metadata) ? value.metadata : {};
  try {
    if (!isJsonObject(value) || !isJsonObject(value.data)) throw new Undecodable('a result without data');
    return value.data.evs === undefined
      ? { kind: 'counts', registers: readRegisters(value.data, inflation), metadata }
      : readExpectation(value.data, metadata, inflation);
  } catch (error) {
    if (!(error instanceof Undecodable)) throw error;
    return { kind: 'other', reason: error.message, metadata };
  }
}

function readRegisters(data: JsonObject, inflation: Inflation): readonly Register[] {
  const registers = Object.entries(data).flatMap(([name, field]) =>
    isJsonObject(field) && field.samples !== undefined ? [readRegister(name, field, inflation)] : [],
  );
  if (registers.length > 1 && registers.some(({ name }) => /^\d+$/.test(name)))
    throw new Undecodable('registers whose order is not known');
  checkTogether(registers);
  return registers;
}

function readRegister(name: string, { samples, num_bits: bits }: JsonObject, inflation: Inflation): Register {
  if (typeof bits !== 'number') throw new Undecodable(`${name}: samples without their number of bits`);
  const shape = shapeOf(samples);
  if (shape.length === 0 || !isRegular(samples, shape))
    throw new Undecodable(`${name}: samples that are no list`);
  const flat = flatten(samples, shape.length);
  checkSize(bits, flat.length);
  const width = bytesOf(bits);
  claim(inflation, flat.length * width);
  const packed = new Uint8Array(flat.length * width);
  for (const [index, sample] of flat.entries()) packSample(packed, index * width, width, sample);
  return makeRegister(name, bits, { shape: [...shape, width], type: 'u1', data: packed });
}

function packSample(packed: Uint8Array, at: number, width: number, sample: JsonValue): void {
  const digits = typeof sample === 'string' ? /^0x([0-9a-fA-F]+)$/.exec(sample)?.[1] : undefined;
  if (digits === undefined) throw new Undecodable('a sample that is no hexadecimal number');
  const significant = digits.replace(/^0+/, '').padStart(2 * width, '0');
  if (significant.length !== 2 * width) throw new Undecodable('a sample with more bits than its register');
  for (let byte = 0; byte < width; byte++)
    packed[at + byte] = Number.parseInt(significant.slice(2 * byte, 2 * byte + 2), 16);
}
