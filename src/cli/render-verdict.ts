/** Verdicts as lines for people. Every piece of evidence passes through `printable`: a file can't forge a line here. */

import { styleText } from 'node:util';
import { printable } from '../core/printable.ts';
import type { Check, CheckStatus } from '../verify/check.ts';
import type { FileOutcome, FileVerdict } from './verify-file.ts';

const GLYPHS: Readonly<Record<CheckStatus, string>> = {
  pass: '✓',
  fail: '✗',
  unknown: '?',
  missing: '!',
  absent: '·',
  skipped: '–',
};
const COLOURS = {
  pass: 'green',
  fail: 'red',
  unknown: 'yellow',
  missing: 'yellow',
  absent: 'dim',
  skipped: 'dim',
} as const;
const HEADLINES = { pass: 'green', fail: 'red', inconclusive: 'yellow' } as const;
const EVIDENCE_CHARACTERS = 1000;

/** `styleText` leaves out the colours where stdout is no terminal, or `NO_COLOR` is set. */
const paint = (format: Parameters<typeof styleText>[0], text: string): string =>
  styleText(format, text, { stream: process.stdout });

/** The whole report on one file. */
export function renderVerdict({ path, verdict, error }: FileVerdict): string[] {
  if (verdict === undefined) return [`${paint('red', 'UNREADABLE')}: ${error}`];
  const holds = verdict.checks.filter((check) => check.status === 'pass').map((check) => check.id);
  return [
    paint(['bold', HEADLINES[verdict.verdict]], printable(verdict.headline, EVIDENCE_CHARACTERS)),
    paint(
      'dim',
      [path, verdict.record_id ?? '']
        .map((text) => printable(text))
        .join('  ')
        .trimEnd(),
    ),
    '',
    ...verdict.checks.flatMap(renderCheck),
    ...(verdict.verdict === 'fail' ? ['', `What still holds: ${holds.join(', ') || 'nothing'}.`] : []),
    '',
    'Not proven:',
    ...verdict.not_proven.map((line) => `  · ${line}`),
  ];
}

function renderCheck({ id, status, claim, evidence, relies_on, hint }: Check): string[] {
  const mark = paint(COLOURS[status], `${GLYPHS[status]} ${status.padEnd(7)} ${id.padEnd(19)}`);
  const detail = `${printable(evidence, EVIDENCE_CHARACTERS)}${status === 'pass' ? ` (relies on: ${relies_on})` : ''}`;
  return [
    `${mark} ${claim}`,
    paint('dim', `${' '.repeat(30)}${detail}`),
    ...(hint === undefined ? [] : [`${' '.repeat(30)}→ ${hint}`]),
  ];
}

/** One file of many: a line, and the reasons where it doesn't pass. */
export function renderVerdictLine({ path, outcome, verdict, error }: FileVerdict): string[] {
  const place = printable(path, EVIDENCE_CHARACTERS);
  if (outcome === 'unrecognised')
    return [`${paint('yellow', 'UNRECOGNISED')}  ${place}${error === undefined ? '' : `: ${error}`}`];
  if (verdict === undefined) return [`${paint('red', 'UNREADABLE')}  ${place}: ${error}`];
  const reasons = verdict.checks
    .filter(({ status }) => ['fail', 'unknown', 'missing'].includes(status))
    .map(({ id, evidence }) => `    ${id}: ${printable(evidence, EVIDENCE_CHARACTERS)}`);
  const headline = paint(HEADLINES[verdict.verdict], printable(verdict.headline, EVIDENCE_CHARACTERS));
  return [`${headline}  ${place}`, ...(outcome === 'pass' ? [] : reasons)];
}

export function renderSummary(counts: ReadonlyMap<FileOutcome, number>): string[] {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return [
    `${total === 1 ? '1 file' : `${total} files`}: ${[...counts].map(([outcome, count]) => `${count} ${outcome}`).join(', ')}`,
  ];
}
