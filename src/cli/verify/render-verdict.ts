/** Verdicts as lines for people. Every piece of evidence passes through `printable`: a file can't forge a line here. */

import { styleText } from 'node:util';
import { printable } from '../../core/printable.ts';
import type { Check, CheckStatus, Verdict } from '../../verify/check.ts';
import { byLayer, type Layer, presentLayers } from '../../verify/layers.ts';
import { whatRemains } from '../../verify/still-holds.ts';
import type { Warning } from './trust-in-evidence.ts';
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
export function renderVerdict(
  { path, verdict, error }: FileVerdict,
  warnings: readonly Warning[] = [],
): string[] {
  if (verdict === undefined) return [`${paint('red', 'UNREADABLE')}: ${error}`];
  return [
    paint(['bold', HEADLINES[verdict.verdict]], printable(verdict.headline, EVIDENCE_CHARACTERS)),
    paint(
      'dim',
      [path, verdict.record_id ?? '']
        .map((text) => printable(text))
        .join('  ')
        .trimEnd(),
    ),
    ...warnings.map(renderWarning),
    ...presentLayers(verdict.checks).flatMap(renderLayer),
    ...(verdict.verdict === 'fail' ? renderRemainder(verdict.checks) : []),
    '',
    'Not proven:',
    ...verdict.not_proven.map((line) => `  · ${line}`),
    ...renderNext(verdict),
  ];
}

/** A warning about the verification itself, not about the evidence. */
export function renderWarning({ message }: Warning): string {
  return `${paint('yellow', '! warning')} ${message}`;
}

function renderLayer({ title, checks }: Layer): string[] {
  return ['', paint('bold', title), ...checks.flatMap((check, at) => renderPart(check, checks[at - 1]))];
}

/** Of several statements or anchors each begins with a line that says which it is. */
function renderPart(check: Check, before: Check | undefined): string[] {
  const lines = renderCheck(check);
  return check.part === undefined || check.part === before?.part
    ? lines
    : [paint('dim', `  ${printable(check.part, EVIDENCE_CHARACTERS)}`), ...lines];
}

function renderCheck({ id, status, claim, evidence, relies_on, hint }: Check): string[] {
  const mark = paint(COLOURS[status], `${GLYPHS[status]} ${status.padEnd(7)} ${id.padEnd(19)}`);
  const detail = `${printable(evidence, EVIDENCE_CHARACTERS)}${status === 'pass' ? ` (relies on: ${printable(relies_on)})` : ''}`;
  return [
    `${mark} ${claim}`,
    paint('dim', `${' '.repeat(30)}${detail}`),
    ...(hint === undefined ? [] : [`${' '.repeat(30)}→ ${printable(hint, EVIDENCE_CHARACTERS)}`]),
  ];
}

function renderRemainder(checks: readonly Check[]): string[] {
  const { holds, fallen } = whatRemains(checks);
  const failed = namesOf(checks.filter(({ status }) => status === 'fail'));
  return [
    '',
    holds.length === 0 ? 'What still holds: nothing.' : 'What still holds:',
    ...byLayer(holds).flatMap(({ title, checks: held }) =>
      [...new Set(held.map(({ claim }) => claim))].map((claim) => `  ${title.padEnd(11)} ${claim}`),
    ),
    ...(fallen.length === 0 ? [] : [`Shows nothing about this record without ${failed}:`]),
    ...byLayer(fallen).map(({ title, checks: lost }) => `  ${title.padEnd(11)} ${namesOf(lost)}`),
  ];
}

function namesOf(checks: readonly Check[]): string {
  return [...new Set(checks.map(({ id }) => id))].join(', ');
}

/** Where it isn't a pass: which check to read about first. Of what is absent only an unsigned record or receipt has a code. */
function renderNext({ verdict, checks }: Verdict): string[] {
  const [first] = (['fail', 'missing', 'unknown', 'absent'] as const).flatMap((status) =>
    checks.filter((check) => check.status === status && (status !== 'absent' || check.code !== undefined)),
  );
  return verdict === 'pass' || first === undefined
    ? []
    : ['', `What that means and what to do: qpoe verify --explain ${first.id}`];
}

/** One file of many: a line, and the reasons where it doesn't pass. */
export function renderVerdictLine({ path, outcome, verdict, error }: FileVerdict): string[] {
  const place = printable(path, EVIDENCE_CHARACTERS);
  if (outcome === 'unrecognised')
    return [`${paint('yellow', 'UNRECOGNISED')}  ${place}${error === undefined ? '' : `: ${error}`}`];
  if (verdict === undefined) return [`${paint('red', 'UNREADABLE')}  ${place}: ${error}`];
  const reasons = verdict.checks
    .filter(({ status }) => ['fail', 'unknown', 'missing'].includes(status))
    // It spoils no pass, and was asked for.
    .filter(({ id }) => outcome !== 'pass' || id === 'plausibility')
    .map(({ id, evidence }) => `    ${id}: ${printable(evidence, EVIDENCE_CHARACTERS)}`);
  const headline = paint(HEADLINES[verdict.verdict], printable(verdict.headline, EVIDENCE_CHARACTERS));
  return [`${headline}  ${place}`, ...reasons];
}

export function renderSummary(counts: ReadonlyMap<FileOutcome, number>): string[] {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return [
    `${total === 1 ? '1 file' : `${total} files`}: ${[...counts].map(([outcome, count]) => `${count} ${outcome}`).join(', ')}`,
  ];
}
