import { describe, expect, it } from 'vitest';
import { pythonRandom } from './python-random.ts';

// From CPython 3.11: r = random.Random(seed); [r.random() for _ in range(3)], then "".join(r.choice("hsxyz") for _ in range(12)).
const STREAMS: [number, number[], string][] = [
  [0, [0.8444218515250481, 0.7579544029403025, 0.420571580830845], 'xzyyxyxzszsx'],
  [1, [0.13436424411240122, 0.8474337369372327, 0.763774618976614], 'xhyyyyshyhyy'],
  [1234, [0.9664535356921388, 0.4407325991753527, 0.007491470058587191], 'zhhhxshhhxzy'],
  [4294967295, [0.6353574441341173, 0.20319993954407756, 0.6073666030347188], 'xzxyxxyyhszs'],
  [4294967296, [0.11299430095636409, 0.41782886486292836, 0.0166763664992291], 'zxzyhshyzxxy'],
  [9007199254740991, [0.09425040007102303, 0.22287455761867403, 0.19135148760372034], 'shhhyyhxyhxy'],
];

describe('random.Random', () => {
  it.each(STREAMS)('of seed %d', (seed, doubles, letters) => {
    const random = pythonRandom(seed);
    expect(doubles.map(() => random.random())).toEqual(doubles);
    expect([...letters].map(() => random.choice([...'hsxyz'])).join('')).toBe(letters);
  });

  it('stays CPython’s past the first 624 words', () => {
    const random = pythonRandom(42);
    let last = 0;
    for (let i = 0; i < 10_000; i++) last = random.random();
    expect(last).toBe(0.07291190181420792);
  });

  it.each([-1, 0.5, 2 ** 53])('refuses the seed %d', (seed) =>
    expect(() => pythonRandom(seed)).toThrow(RangeError),
  );
});
