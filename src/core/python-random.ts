/**
 * CPython's `random.Random`: MT19937 (Matsumoto and Nishimura, 1998) with CPython's seeding, `getrandbits`, `random`
 * and `choice` (CPython, Modules/_randommodule.c and Lib/random.py, 3.2 and later).
 * The original toolkit drew its circuits with it, so these streams may never change.
 */

const N = 624;
const M = 397;

export interface PythonRandom {
  /** A double in [0, 1) with 53 random bits. */
  random(): number;
  /** One item, by rejection on `getrandbits`: no item is favoured. The list must not be empty. */
  choice<T>(items: readonly T[]): T;
}

/** `random.Random(seed)` for a non-negative safe integer. */
export function pythonRandom(seed: number): PythonRandom {
  if (!Number.isSafeInteger(seed) || seed < 0) throw new RangeError(`seed ${seed} is not in 0..2^53−1`);
  const low = seed % 2 ** 32;
  const high = Math.floor(seed / 2 ** 32);
  return pythonRandomFromKey(high > 0 ? [low, high] : [low]);
}

/** The generator after `init_by_array(key)`: what CPython makes of a big seed's 32-bit words, least first. */
export function pythonRandomFromKey(key: readonly number[]): PythonRandom {
  const state = initByArray(key);
  let next = 0;

  function word(): number {
    let y = twist(state, next);
    next = (next + 1) % N;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    y ^= y >>> 18;
    return y >>> 0;
  }

  return {
    random() {
      const a = word() >>> 5;
      const b = word() >>> 6;
      return (a * 67108864 + b) / 9007199254740992;
    },
    choice(items) {
      const bits = 32 - Math.clz32(items.length);
      let index: number;
      do index = word() >>> (32 - bits);
      while (index >= items.length);
      return items[index]!;
    },
  };
}

/** `init_genrand(19650218)`, with which every `init_by_array` begins. */
const FIRST = new Uint32Array(N);
FIRST[0] = 19650218;
for (let i = 1; i < N; i++) FIRST[i] = Math.imul(1812433253, FIRST[i - 1]! ^ (FIRST[i - 1]! >>> 30)) + i;

function initByArray(key: readonly number[]): Uint32Array {
  const state = FIRST.slice();
  let i = 1;
  let j = 0;
  const advance = (): void => {
    if (++i < N) return;
    state[0] = state[N - 1]!;
    i = 1;
  };
  for (let k = Math.max(N, key.length); k > 0; k--) {
    const previous = state[i - 1]! ^ (state[i - 1]! >>> 30);
    state[i] = (state[i]! ^ Math.imul(previous, 1664525)) + key[j]! + j;
    j = (j + 1) % key.length;
    advance();
  }
  for (let k = N - 1; k > 0; k--) {
    const previous = state[i - 1]! ^ (state[i - 1]! >>> 30);
    state[i] = (state[i]! ^ Math.imul(previous, 1566083941)) - i;
    advance();
  }
  state[0] = 0x80000000;
  return state;
}

/** The word at `k` of the next block, made only when it is drawn: most circuits draw far fewer than a block. */
function twist(state: Uint32Array, k: number): number {
  const y = (state[k]! & 0x80000000) | (state[(k + 1) % N]! & 0x7fffffff);
  state[k] = state[(k + M) % N]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
  return state[k]!;
}
