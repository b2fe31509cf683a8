/** Counts as bars for a terminal: the most frequent outcomes first. */

const ROWS = 8;
const WIDTH = 32;

export function drawHistogram(counts: ReadonlyMap<string, number>): string[] {
  const sorted = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  const largest = sorted[0]?.[1] ?? 0;
  const digits = String(largest).length;
  const lines = sorted
    .slice(0, ROWS)
    .map(
      ([outcome, count]) =>
        `  ${outcome}  ${String(count).padStart(digits)}  ${'█'.repeat(Math.max(1, Math.round((count / largest) * WIDTH)))}`,
    );
  const rest = sorted.slice(ROWS);
  if (rest.length === 0) return lines;
  const shots = rest.reduce((sum, [, count]) => sum + count, 0);
  return [...lines, `  … ${rest.length} more outcomes, ${shots} shots`];
}
