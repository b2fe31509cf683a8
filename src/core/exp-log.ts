/**
 * The exponential and the natural logarithm with the same last bit on every JavaScript engine; `Math.exp` and `Math.log` are
 * not so defined. Only `+ - * /` on doubles. The error stays near 1 ulp. No seeded count rests on them: p-values do, and two
 * verifiers must not disagree about one.
 *
 *     x = 2^k · m,   √½ ≤ m < √2,   ln x = k · ln 2 + ln m
 */

/** ln 2 in two parts: `k · LN2_HIGH` is exact for every exponent k (fdlibm, e_log.c). */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;

/** Above it a double has no room, below it nothing is left. */
const LARGEST = 709.782712893384;
const SMALLEST = -745.1332191019412;

export function exp(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x > LARGEST) return Number.POSITIVE_INFINITY;
  if (x < SMALLEST) return 0;
  const k = Math.round(x / Math.LN2);
  const r = x - k * LN2_HIGH - k * LN2_LOW;
  // Taylor to r^15: with |r| ≤ 0.347 the next term is under 2^−65.
  let series = 1;
  for (let n = 15; n >= 1; n--) series = 1 + (series * r) / n;
  // In two steps: 2^k alone may be too large or too small for a double.
  const half = Math.trunc(k / 2);
  return series * powerOfTwo(half) * powerOfTwo(k - half);
}

/** −∞ of zero, NaN below it. */
export function ln(x: number): number {
  if (Number.isNaN(x) || x < 0) return Number.NaN;
  if (x === 0) return Number.NEGATIVE_INFINITY;
  if (x === Number.POSITIVE_INFINITY) return x;
  const { k, m } = decompose(x);
  const f = m - 1;
  const s = f / (2 + f);
  const square = s * s;
  // 2·artanh(s) without its first term; s² ≤ 0.0295.
  let series = 2 / 25;
  for (let n = 23; n >= 3; n -= 2) series = 2 / n + series * square;
  const half = 0.5 * f * f;
  return k * LN2_HIGH - (half - (s * (half + series * square) + k * LN2_LOW) - f);
}

const view = new DataView(new ArrayBuffer(8));

/** @param k −1022 to 1023 */
function powerOfTwo(k: number): number {
  view.setUint32(0, (k + 1023) << 20);
  view.setUint32(4, 0);
  return view.getFloat64(0);
}

/** @param x positive and finite */
function decompose(x: number): { readonly k: number; readonly m: number } {
  // A subnormal has no exponent of its own.
  const isSubnormal = x < 2.2250738585072014e-308;
  view.setFloat64(0, isSubnormal ? x * 18014398509481984 : x);
  const high = view.getUint32(0);
  const k = (high >>> 20) - 1023 - (isSubnormal ? 54 : 0);
  view.setUint32(0, (high & 0xfffff) | 0x3ff00000);
  const m = view.getFloat64(0);
  return m < Math.SQRT2 ? { k, m } : { k: k + 1, m: m / 2 };
}
