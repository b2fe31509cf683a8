/**
 * Sine and cosine with the same last bit on every JavaScript engine; `Math.sin` and `Math.cos` are not so defined.
 * Only `+ - * /` on doubles, which IEEE 754 fixes, and BigInt. The error stays under 1 ulp for every finite double.
 *
 *     |x| = quarterTurns · π/2 + remainder,   |remainder| ≤ π/4
 *
 * The reduction is exact arithmetic on a long π/2 (Payne and Hanek, 1983), so an angle of 1e300 is as good as one of 1.
 * These bits decide seeded counts: a change here is a new sampler version.
 */

export interface SinCos {
  readonly sin: number;
  readonly cos: number;
}

/** An unevaluated sum: `low` is what did not fit into `high`. */
interface Remainder {
  readonly high: number;
  readonly low: number;
}

const HALF_PI_BITS = 1216;

/** floor(π/2 · 2^1216). */
const HALF_PI = BigInt(
  '0x1921fb54442d18469898cc51701b839a252049c1114cf98e804177d4c76273644a29410f31c6809b' +
    'bdf2a33679a748636605614dbe4be286e9fc26adadaa3848bc90b6aecc4bcfd8de89885d34c6fdad' +
    '617feb96de80d6fdbdc70d7f6b5133f4b5d3e4822f8963fcc9250cca3d9c8b67b8400f97142c77e0' +
    'b31b4906c38aba734d22c7f51fa499ebf06caba47b9475b2c38c5e6ac410aa577',
);

/** No double above π/4 comes nearer than 2^−61 to a multiple of π/2: 160 bits leave a hundred of the remainder. */
const REMAINDER_BITS = 160;
const REMAINDER_UNIT = 1 / Number(1n << BigInt(REMAINDER_BITS));

const QUARTER_PI = Math.PI / 4;

/** @throws RangeError for an infinity or NaN, which no circuit holds */
export function sinCos(x: number): SinCos {
  if (!Number.isFinite(x)) throw new RangeError(`${x} is not an angle`);
  const { sin, cos } = sinCosOfMagnitude(Math.abs(x));
  return { sin: x < 0 ? -sin : sin, cos };
}

function sinCosOfMagnitude(x: number): SinCos {
  if (x <= QUARTER_PI) return { sin: sinKernel({ high: x, low: 0 }), cos: cosKernel({ high: x, low: 0 }) };
  const { quarterTurns, remainder } = reduce(x);
  const sin = sinKernel(remainder);
  const cos = cosKernel(remainder);
  if (quarterTurns === 0) return { sin, cos };
  if (quarterTurns === 1) return { sin: cos, cos: -sin };
  if (quarterTurns === 2) return { sin: -sin, cos: -cos };
  return { sin: -cos, cos: sin };
}

/** The nearest multiple of π/2, modulo a full turn, and what is left. */
function reduce(x: number): { quarterTurns: number; remainder: Remainder } {
  const { mantissa, exponent } = decompose(x);
  // The multiple of π/2 magnifies the constant's error by up to |x|: larger angles take more of its bits.
  const bits = REMAINDER_BITS + Math.max(0, exponent + 53);
  const halfPi = HALF_PI >> BigInt(HALF_PI_BITS - bits);
  const angle = mantissa << BigInt(exponent + bits);
  const multiple = (angle + (halfPi >> 1n)) / halfPi;
  const rest = (angle - multiple * halfPi) >> BigInt(bits - REMAINDER_BITS);
  return { quarterTurns: Number(multiple & 3n), remainder: split(rest) };
}

/** A normal double as mantissa · 2^exponent. */
function decompose(x: number): { mantissa: bigint; exponent: number } {
  const bits = new BigUint64Array(new Float64Array([x]).buffer)[0]!;
  return { mantissa: (bits & 0xfffffffffffffn) | 0x10000000000000n, exponent: Number(bits >> 52n) - 1075 };
}

function split(rest: bigint): Remainder {
  const high = Number(rest);
  const low = Number(rest - BigInt(high));
  return { high: high * REMAINDER_UNIT, low: low * REMAINDER_UNIT };
}

/** Taylor to r^17: the next term is under 2^−63 of the sum. Every factorial here is an exact double. */
function sinKernel({ high, low }: Remainder): number {
  const square = high * high;
  let series = 1 / 355687428096000;
  series = series * square - 1 / 1307674368000;
  series = series * square + 1 / 6227020800;
  series = series * square - 1 / 39916800;
  series = series * square + 1 / 362880;
  series = series * square - 1 / 5040;
  series = series * square + 1 / 120;
  series = series * square - 1 / 6;
  // sin(high + low) = sin(high) + low · cos(high), and the largest term is added last.
  return high + (low * (1 - 0.5 * square) + high * square * series);
}

/** Taylor to r^18. */
function cosKernel({ high, low }: Remainder): number {
  const square = high * high;
  let series = -1 / 6402373705728000;
  series = series * square + 1 / 20922789888000;
  series = series * square - 1 / 87178291200;
  series = series * square + 1 / 479001600;
  series = series * square - 1 / 3628800;
  series = series * square + 1 / 40320;
  series = series * square - 1 / 720;
  series = series * square + 1 / 24;
  const half = 0.5 * square;
  const head = 1 - half;
  // `1 − head − half` is exactly what rounding took from `head`.
  return head + (1 - head - half + (square * square * series - high * low));
}
