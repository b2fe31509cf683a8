/** Counts as a table with bars: the most frequent outcomes first, and how many were left out. */

import { evidence } from './html-text.ts';

const ROWS = 64;

/** @param counts at least one, by outcome */
export function countsTable(counts: ReadonlyMap<string, number | bigint>, caption: string): string {
  const sorted = [...counts].toSorted(([a, m], [b, n]) => (n > m ? 1 : n < m ? -1 : a < b ? -1 : 1));
  const largest = Number(sorted[0]?.[1] ?? 0);
  const rest = sorted.slice(ROWS);
  return `<table><caption>${evidence(caption)}</caption>
<thead><tr><th scope="col">outcome</th><th scope="col" class="number">count</th><th scope="col"></th></tr></thead>
<tbody>
${sorted
  .slice(0, ROWS)
  .map(([outcome, count]) => row(outcome, count, largest))
  .join('\n')}
</tbody></table>${rest.length === 0 ? '' : `\n${leftOut(rest)}`}`;
}

function row(outcome: string, count: number | bigint, largest: number): string {
  const width = largest === 0 ? 0 : Math.max(0.5, (Number(count) / largest) * 100);
  return `<tr><th scope="row"><code>${evidence(outcome, 64)}</code></th><td class="number">${count}</td><td class="wide"><svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true"><rect width="${width.toFixed(2)}" height="1"/></svg></td></tr>`;
}

function leftOut(rest: readonly (readonly [string, number | bigint])[]): string {
  const shots = rest.reduce((sum, [, count]) => sum + BigInt(count), 0n);
  return `<p class="soft">The ${ROWS} most frequent outcomes are shown. ${rest.length} more, ${shots} shots together, are in the file.</p>`;
}
