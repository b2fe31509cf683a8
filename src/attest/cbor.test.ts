/** Against cborg at its strictest, encoded again: the only encoding of a value is the one that is taken. */

import { type DecodeOptions, decode, encode, rfc8949EncodeOptions } from 'cborg';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { equalBytes, utf8 } from '../core/bytes.ts';
import { parsePythonJson, pythonText } from '../core/python-json.ts';
import { CborError, readCbor } from './cbor.ts';

const LIMITS = { depth: 64, items: 1000 };
const STRICTEST: DecodeOptions = {
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowBigInt: true,
  rejectDuplicateMapKeys: true,
};

/** As canonical JSON, or undefined where it is refused. */
function ours(bytes: Uint8Array): string | undefined {
  try {
    return pythonText(readCbor(bytes, LIMITS), true);
  } catch (error) {
    if (error instanceof CborError) return undefined;
    throw error;
  }
}

function theirs(bytes: Uint8Array): string | undefined {
  try {
    const value = decode(bytes, STRICTEST);
    const isSame = equalBytes(encode(value, rfc8949EncodeOptions), bytes);
    return isSame && isSaidInJson(value) ? jsonText(value) : undefined;
  } catch {
    return undefined;
  }
}

function jsonText(value: unknown): string {
  const text = JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? `whole:${one}:number` : one));
  return pythonText(parsePythonJson(utf8(text.replace(/"whole:(-?\d+):number"/g, '$1'))), true);
}

function isSaidInJson(value: unknown): boolean {
  if (value instanceof Uint8Array) return false;
  if (typeof value === 'number') return Number.isSafeInteger(value);
  return typeof value !== 'object' || value === null || Object.values(value).every(isSaidInJson);
}

const value = fc.anything({
  maxDepth: 3,
  key: fc.string().filter((name) => name !== '__proto__'),
  values: [
    fc.string(),
    fc.maxSafeInteger(),
    fc.bigInt(-(2n ** 64n), 2n ** 64n - 1n),
    fc.boolean(),
    fc.constant(null),
  ],
});

it('takes what cborg writes', () => {
  fc.assert(
    fc.property(value, (value) => {
      expect(ours(encode(value, rfc8949EncodeOptions))).toBeDefined();
    }),
  );
});

it('takes and refuses what cborg does, whatever was damaged', () => {
  const seen = { taken: 0, refused: 0 };
  const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 2 });
  fc.assert(
    fc.property(value, damage, (value, changes) => {
      const bytes = encode(value, rfc8949EncodeOptions).slice();
      for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
      const expected = theirs(bytes);
      expect(ours(bytes)).toBe(expected);
      seen[expected === undefined ? 'refused' : 'taken']++;
    }),
    { numRuns: 5000 },
  );
  expect(Math.min(seen.taken, seen.refused)).toBeGreaterThan(100);
});

it('counts its items and levels', () => {
  expect(() => readCbor(encode(Array(1000).fill(0)), LIMITS)).toThrow('over 1000 items');
  expect(readCbor(encode(Array(999).fill(0)), LIMITS)).toHaveLength(999);
  const nested = (depth: number) => Uint8Array.from([...Array(depth - 1).fill(0x81), 0x80]);
  expect(() => readCbor(nested(65), LIMITS)).toThrow('deeper than 64');
  expect(readCbor(nested(64), LIMITS)).toHaveLength(1);
});
