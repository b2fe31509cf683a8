import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { digestOf } from './digest.ts';
import { pythonRandom } from './python-random.ts';
import { sinCos } from './trig.ts';

interface TrigCase {
  readonly angle: string;
  readonly sin: string;
  readonly cos: string;
}

const vectors = JSON.parse(
  readFileSync(new URL('../../vectors/simulator/trig.json', import.meta.url), 'utf8'),
) as { cases: readonly TrigCase[] };

function doubleOf(hex: string): number {
  return Buffer.from(hex, 'hex').readDoubleBE();
}

/** Doubles in their order, as integers one ulp apart. */
function rank(x: number): bigint {
  const bits = new BigInt64Array(new Float64Array([x]).buffer)[0]!;
  return bits < 0n ? -(bits & 0x7fffffffffffffffn) : bits;
}

function ulpsBetween(a: number, b: number): number {
  return Math.abs(Number(rank(a) - rank(b)));
}

describe('sinCos against mpmath', () => {
  test.each(vectors.cases)('of the double $angle', ({ angle, sin, cos }) => {
    const actual = sinCos(doubleOf(angle));
    expect(ulpsBetween(actual.sin, doubleOf(sin))).toBeLessThanOrEqual(1);
    expect(ulpsBetween(actual.cos, doubleOf(cos))).toBeLessThanOrEqual(1);
  });
});

describe('sinCos', () => {
  test('of zero is exact, and has no negative zero', () => {
    expect(sinCos(0)).toEqual({ sin: 0, cos: 1 });
    expect(Object.is(sinCos(-0).sin, 0)).toBe(true);
  });

  test('of a tiny angle is the angle', () => {
    for (const tiny of [5e-324, 1e-310, 1e-200, 1e-9]) {
      expect(sinCos(tiny)).toEqual({ sin: tiny, cos: 1 });
      expect(sinCos(-tiny)).toEqual({ sin: -tiny, cos: 1 });
    }
  });

  test.each([0.3, 1, Math.PI, 77.7, 1e22, 1e300])('is odd and even at %f', (x) => {
    expect(sinCos(-x)).toEqual({ sin: -sinCos(x).sin, cos: sinCos(x).cos });
  });

  test('lies on the unit circle, for angles of every size', () => {
    const random = pythonRandom(7);
    for (let scale = 1e-5; scale < 1e305; scale *= 10) {
      const { sin, cos } = sinCos(scale * random.random());
      expect(Math.abs(sin * sin + cos * cos - 1)).toBeLessThan(5e-16);
    }
  });

  test('is continuous where the quarter turn changes', () => {
    for (let k = 1; k < 40; k += 2) {
      const edge = (k * Math.PI) / 4;
      const below = sinCos(edge * (1 - 2e-16));
      const above = sinCos(edge * (1 + 3e-16));
      expect(Math.abs(below.sin - above.sin)).toBeLessThan(edge * 6e-16);
      expect(Math.abs(below.cos - above.cos)).toBeLessThan(edge * 6e-16);
    }
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('refuses %f', (x) => {
    expect(() => sinCos(x)).toThrow(RangeError);
  });

  // Seeded counts hang on these bits: an engine, or an edit, that changes one of them must not go unseen.
  test('has these very bits', () => {
    const random = pythonRandom(2026);
    const bytes = new DataView(new ArrayBuffer(20_000 * 16));
    for (let i = 0; i < 20_000; i++) {
      const { sin, cos } = sinCos((random.random() - 0.5) * (i % 2 === 0 ? 20 : 1e6));
      bytes.setFloat64(16 * i, sin);
      bytes.setFloat64(16 * i + 8, cos);
    }
    expect(digestOf(new Uint8Array(bytes.buffer))).toBe(
      'sha256:1eabe67071162e1a8863628cfc7fa75573e792f0b92f436775f305656f9ffda0',
    );
  });
});
