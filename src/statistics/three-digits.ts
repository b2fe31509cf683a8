/** A number as a person compares it with another: three digits, and an exponent where they would be lost behind zeros. */
export function threeDigits(value: number): string {
  if (!Number.isFinite(value)) return 'unknown';
  if (value !== 0 && Math.abs(value) < 1e-3) return value.toExponential(2);
  return String(Number(value.toPrecision(3)));
}
