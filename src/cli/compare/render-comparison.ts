/** A comparison as lines for people: each number beside what shot noise alone would make it, and the counts as bars. */

import { styleText } from 'node:util';
import { printable } from '../../core/printable.ts';
import type {
  ComparedCounts,
  ComparedProgram,
  ComparedValues,
  Comparison,
} from '../../statistics/comparison.ts';
import { SIGNIFICANCE } from '../../statistics/significance.ts';
import { threeDigits } from '../../statistics/three-digits.ts';

const SHOWN_PROGRAMS = 8;
const SHOWN_VALUES = 16;
const ROWS = 8;
const NARROWEST_BAR = 8;
const WIDEST_BAR = 48;
const LABEL = 32;

/** `styleText` leaves out the colours where stdout is no terminal, or `NO_COLOR` is set. */
export const paint = (format: Parameters<typeof styleText>[0], text: string): string =>
  styleText(format, text, { stream: process.stdout });

/** A fidelity close to one by what it lacks: 0.9996 is not 1. */
function fidelity(value: number): string {
  return value > 0.99
    ? (1 - Number((1 - value).toPrecision(2))).toFixed(6).replace(/0+$/, '').replace(/\.$/, '')
    : threeDigits(value);
}

const SHOT_NOISE = { does: 'shot noise alone does this', puts: 'shot noise puts them' } as const;
const ERRORS = { does: 'their errors alone do this', puts: 'their errors put them' } as const;

function isEqual(program: ComparedProgram): boolean {
  return program.kind === 'expectation' && program.values.every(({ z }) => z === 0);
}

/** What the verdict rests on, in a line. */
export function explainOutcome({ outcome, tests, programs }: Comparison): string {
  const many = programs.length > 1;
  const first = programs.findIndex((program) => program.outcome === outcome);
  const where = many ? `program ${first}: ` : '';
  if (outcome === 'unknown') return `${where}${programs[first]!.reason}`;
  const noise = programs.every(({ kind }) => kind === 'expectation') ? ERRORS : SHOT_NOISE;
  const least = programs.reduce((min, { adjusted = 1 }) => Math.min(min, adjusted), 1);
  const rule = tests > 1 ? `, by Holm's rule of ${tests} tests` : '';
  if (outcome === 'differ') {
    const differing = programs.filter((program) => program.outcome === 'differ').length;
    const count = many ? `${differing} of ${programs.length} programs; ` : '';
    return `${count}${noise.does} with p = ${threeDigits(least)}${rule}; the threshold is ${SIGNIFICANCE}`;
  }
  if (tests === 0) return 'every shot of both has the same outcome';
  return programs.every(isEqual)
    ? 'the values are equal, but for rounding'
    : `no more apart than ${noise.puts}: p = ${threeDigits(least)}${rule}`;
}

/** @param columns how wide the terminal is */
export function renderPrograms({ programs }: Comparison, columns: number): string[] {
  const lines = programs
    .slice(0, SHOWN_PROGRAMS)
    .flatMap((program, at) => [
      '',
      ...(programs.length > 1 ? [paint('bold', `program ${at}: ${WORDS[program.outcome]}`)] : []),
      ...renderProgram(program, columns),
    ]);
  const rest = programs.length - SHOWN_PROGRAMS;
  return rest > 0 ? [...lines, '', `… ${rest} more programs`] : lines;
}

const WORDS = { agree: 'agrees', differ: 'differs', unknown: "can't be said" } as const;

function renderProgram(program: ComparedProgram, columns: number): string[] {
  const reason = program.reason === undefined ? [] : [`  ${printable(program.reason)}`];
  if (program.kind === 'none') return reason;
  const shown = program.kind === 'counts' ? renderCounts(program, columns) : renderValues(program);
  return [...shown, ...reason];
}

/** The table of a program's numbers, for terminal and page alike. */
export function measuredRows({ totalVariation, hellingerFidelity, test }: ComparedCounts): string[][] {
  return [
    [
      'total variation distance',
      threeDigits(totalVariation.value),
      threeDigits(totalVariation.shotNoise),
      '',
    ],
    ['Hellinger fidelity', fidelity(hellingerFidelity.value), fidelity(hellingerFidelity.shotNoise), ''],
    test === undefined
      ? ['G-test', '–', '–', 'too few shots']
      : [
          'G-test',
          threeDigits(test.statistic / test.correction),
          String(test.df),
          `p = ${threeDigits(test.p)}, ${test.cells} cells`,
        ],
  ];
}

function renderCounts(compared: ComparedCounts, columns: number): string[] {
  const head = ['', 'measured', 'from shot noise alone', ''];
  const rows = [head, ...measuredRows(compared)].map(([name, value, noise, note]) =>
    `  ${name!.padEnd(26)}${value!.padEnd(11)}${noise!.padEnd(23)}${note}`.trimEnd(),
  );
  return [paint('dim', rows[0]!), ...rows.slice(1), '', ...drawBoth(compared, columns)];
}

/** Two bars an outcome, the most frequent first. */
function drawBoth({ samples }: ComparedCounts, columns: number): string[] {
  const { a, b, outcomes, shotsA, shotsB } = samples;
  const rows = outcomes
    .map((outcome, at) => ({ outcome, a: a[at]!, b: b[at]!, sum: a[at]! / shotsA + b[at]! / shotsB }))
    .sort((x, y) => y.sum - x.sum || (x.outcome < y.outcome ? -1 : 1));
  const shown = rows.slice(0, ROWS);
  const label = Math.min(LABEL + 1, outcomes[0]!.length);
  const number = Math.max(...shown.map((row) => String(Math.max(row.a, row.b)).length));
  const room = Math.max(NARROWEST_BAR, Math.min(WIDEST_BAR, columns - label - number - 10));
  const largest = Math.max(...shown.map((row) => Math.max(row.a / shotsA, row.b / shotsB)));
  const bar = (share: number, glyph: string): string =>
    glyph.repeat(share === 0 ? 0 : Math.max(1, Math.round((share / largest) * room)));
  const line = (name: string, lot: string, count: number, drawn: string): string =>
    `  ${name.padEnd(label)}  ${lot} ${String(count).padStart(number)}  ${drawn}`.trimEnd();
  const lines = shown.flatMap((row) => [
    line(printable(row.outcome, LABEL), 'A', row.a, paint('cyan', bar(row.a / shotsA, '█'))),
    line('', 'B', row.b, paint('yellow', bar(row.b / shotsB, '▒'))),
  ]);
  const rest = rows.length - shown.length;
  return rest > 0 ? [...lines, `  … ${rest} more outcomes`] : lines;
}

/** A value of A and B, and how far apart they are, for terminal and page alike. */
export function valueRows({ values }: ComparedValues, most: number): string[][] {
  return values
    .slice(0, most)
    .map(({ a, b, z }, at) => [String(at), String(a), String(b), describeDistance(z)]);
}

/** Two exact values that aren't equal are infinitely many of their errors apart. */
function describeDistance(z: number | undefined): string {
  if (z === undefined) return 'no error stated';
  return Number.isFinite(z) ? `${threeDigits(Math.abs(z))} σ` : 'exact, and not equal';
}

function renderValues(compared: ComparedValues): string[] {
  const rest = compared.values.length - SHOWN_VALUES;
  return [
    paint('dim', `  ${'value'.padEnd(7)}${'A'.padEnd(24)}${'B'.padEnd(24)}apart`),
    ...valueRows(compared, SHOWN_VALUES).map(
      ([at, a, b, apart]) => `  ${at!.padEnd(7)}${a!.padEnd(24)}${b!.padEnd(24)}${apart}`,
    ),
    ...(rest > 0 ? [`  … ${rest} more values`] : []),
  ];
}
