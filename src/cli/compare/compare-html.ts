/** `qpoe compare --html`: the comparison as one page, with both histograms. It holds no script, and is the word of whoever made it. */

import { utf8 } from '../../core/bytes.ts';
import type { ComparedCounts, ComparedProgram, ComparedValues } from '../../statistics/comparison.ts';
import { entry } from '../html/html-checks.ts';
import { framePage } from '../html/html-page.ts';
import { escapeHtml, evidence } from '../html/html-text.ts';
import { writeOut } from '../output.ts';
import type { NamedRecord } from '../show/named-record.ts';
import { CIRCUITS, type Compared, describeRecord, HEADLINES } from './compare.ts';
import { explainOutcome, measuredRows, valueRows } from './render-comparison.ts';

const CAUTION = 'This is a comparison by whoever sent it; compare the records yourself.';
const MOST_PROGRAMS = 50;
const MOST_ROWS = 64;
const MOST_VALUES = 500;

const LOOKS = {
  agree: ['✓', 'pass'],
  differ: ['✗', 'fail'],
  unknown: ['?', 'unsure'],
} as const;

export function writeComparison(path: string, compared: Compared): void {
  writeOut(path, utf8(comparisonPage(compared)));
}

function comparisonPage({ a, b, circuits, comparison }: Compared): string {
  const { outcome, programs } = comparison;
  const [glyph, look] = LOOKS[outcome];
  const word = HEADLINES[outcome][1];
  const rest = programs.length - MOST_PROGRAMS;
  return framePage({
    title: `${escapeHtml(word)}: two records`,
    caution: CAUTION,
    main: `<h1>Two records’ results</h1>
<div class="pair">
<section class="is-${look}"><h2>Outcome</h2><p><span class="word ${look}"><span aria-hidden="true">${glyph}</span> ${escapeHtml(word)}</span></p><p>${evidence(explainOutcome(comparison))}</p></section>
<section><h2>Not proven</h2><ul><li>that either ran as it says: nothing was verified here</li><li>that results which agree are right: both may have the same fault</li></ul></section>
</div>
<h3>The records</h3>
<dl>${recordEntry('A', a)}${recordEntry('B', b)}${entry('circuit', escapeHtml(CIRCUITS[circuits]))}</dl>
${programs.slice(0, MOST_PROGRAMS).map(programHtml).join('\n')}
${rest > 0 ? `<p class="soft">${rest} more programs are not shown.</p>` : ''}`,
    footer: `${CAUTION} Nothing in this page verifies anything.`,
  });
}

function recordEntry(name: string, named: NamedRecord): string {
  return entry(
    name,
    `${evidence(describeRecord(named))}<br><code>${evidence(named.record.record.hash)}</code>`,
  );
}

function programHtml(program: ComparedProgram, at: number): string {
  const reason = program.reason === undefined ? '' : `<p class="unsure">${evidence(program.reason)}</p>`;
  const shown =
    program.kind === 'none' ? '' : program.kind === 'counts' ? countsHtml(program) : valuesHtml(program);
  return `<h3>Program ${at}: ${escapeHtml(HEADLINES[program.outcome][1].toLowerCase())}</h3>\n${reason}${shown}`;
}

function countsHtml(compared: ComparedCounts): string {
  return `${table(['', 'measured', 'from shot noise alone', ''], measuredRows(compared), '')}
${histogramHtml(compared)}`;
}

function valuesHtml(compared: ComparedValues): string {
  const rest = compared.values.length - MOST_VALUES;
  return `${table(['value', 'A', 'B', 'apart'], valueRows(compared, MOST_VALUES), 'Expectation values')}
${rest > 0 ? `<p class="soft">${rest} more values are in the records.</p>` : ''}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[], caption: string): string {
  const cells = (row: readonly string[]) => row.map((text) => `<td>${evidence(text)}</td>`).join('');
  return `<table>${caption === '' ? '' : `<caption>${escapeHtml(caption)}</caption>`}
<thead><tr>${head.map((text) => `<th scope="col">${escapeHtml(text)}</th>`).join('')}</tr></thead>
<tbody>${rows.map((row) => `<tr>${cells(row)}</tr>`).join('\n')}</tbody></table>`;
}

function histogramHtml({ samples }: ComparedCounts): string {
  const { a, b, outcomes, shotsA, shotsB } = samples;
  const rows = outcomes
    .map((outcome, at) => ({ outcome, a: a[at]!, b: b[at]! }))
    .sort(
      (x, y) => y.a / shotsA + y.b / shotsB - x.a / shotsA - x.b / shotsB || (x.outcome < y.outcome ? -1 : 1),
    );
  const shown = rows.slice(0, MOST_ROWS);
  const largest = Math.max(...shown.map((row) => Math.max(row.a / shotsA, row.b / shotsB)));
  const rest = rows.length - shown.length;
  return `<table><caption>Counts, keyed c[n-1]…c[0]; bars are shares of the shots</caption>
<thead><tr><th scope="col">outcome</th><th scope="col"></th><th scope="col" class="number">count</th><th scope="col"></th></tr></thead>
<tbody>
${shown
  .map(
    (row) =>
      `<tr><th scope="row"><code>${evidence(row.outcome, 64)}</code></th>${bar('A', row.a, row.a / shotsA / largest)}</tr>
<tr><td></td>${bar('B', row.b, row.b / shotsB / largest)}</tr>`,
  )
  .join('\n')}
</tbody></table>${rest > 0 ? `\n<p class="soft">${rest} rarer outcomes are in the records.</p>` : ''}`;
}

function bar(lot: string, count: number, share: number): string {
  const width = count === 0 ? 0 : Math.max(0.5, share * 100);
  return `<td>${lot}</td><td class="number">${count}</td><td class="wide"><svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true"><rect width="${width.toFixed(2)}" height="1"/></svg></td>`;
}
