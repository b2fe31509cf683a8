/** Results: counts as a histogram and a table, with the ideal beside them; expectation values with their error bars. */

import type { ShownResult } from '../src/verify/evidence-content.ts';
import { type Child, code, element, evidence, folded, svg } from './dom.ts';
import { TEXTS } from './texts.ts';

const texts = TEXTS.says;

type Ideal = Readonly<Record<string, number>> | undefined;

const MOST_BARS = 32;
const MOST_ROWS = 256;

interface Bar {
  readonly outcome: string;
  readonly count: number;
  /** How many shots the ideal would give it. */
  readonly expected?: number;
}

export function resultView({ title, counts, expectation, text }: ShownResult, ideal: Ideal): HTMLElement {
  const heading = element('h5', {}, evidence(title));
  if (expectation !== undefined) return element('div', {}, heading, ...expectationView(expectation));
  if (counts === undefined) return element('div', {}, heading, element('p', {}, evidence(text ?? '')));
  const bars = barsOf(counts, ideal);
  return element(
    'div',
    {},
    heading,
    ...histogram(bars, ideal !== undefined),
    folded(texts.table(bars.length), countsTable(bars)),
  );
}

/** Every outcome that was measured, or could have been: a measured 0 where the ideal has something says something too. */
function barsOf(counts: ReadonlyMap<string, number | bigint>, ideal: Ideal): readonly Bar[] {
  const shots = [...counts.values()].reduce<number>((sum, count) => sum + Number(count), 0);
  const outcomes = new Set([...counts.keys(), ...Object.keys(ideal ?? {})]);
  return [...outcomes].map((outcome) => ({
    outcome,
    count: Number(counts.get(outcome) ?? 0),
    ...(ideal === undefined ? {} : { expected: (ideal[outcome] ?? 0) * shots }),
  }));
}

const byOutcome = (a: Bar, b: Bar): number => (a.outcome < b.outcome ? -1 : 1);
const byCount = (a: Bar, b: Bar): number => b.count - a.count || byOutcome(a, b);

const WIDTH = 30;
const HEIGHT = 150;
const LEFT = 34;
const LETTER = 5.2;

function histogram(bars: readonly Bar[], hasIdeal: boolean): readonly Child[] {
  const shown = bars.toSorted(byCount).slice(0, MOST_BARS).sort(byOutcome);
  const largest = Math.max(1, ...shown.flatMap(({ count, expected = 0 }) => [count, expected]));
  const label = Math.min(20, Math.max(...shown.map(({ outcome }) => outcome.length)));
  const below = label * LETTER + 14;
  const width = LEFT + shown.length * WIDTH;
  const height = (value: number): number => (value / largest) * HEIGHT;
  const chart = svg(
    'svg',
    {
      class: 'histogram',
      viewBox: `0 -14 ${width} ${HEIGHT + below + 14}`,
      'aria-hidden': 'true',
      width: String(width * 1.6),
    },
    ...[0, 0.5, 1].flatMap((part) => gridLine(HEIGHT * (1 - part), width, Math.round(largest * part))),
    ...shown.map((bar, at) => barView(bar, LEFT + at * WIDTH, height)),
  );
  const left = bars.length - shown.length;
  return [
    element(
      'p',
      { class: 'key' },
      element('span', { class: 'swatch bar' }),
      ` ${texts.measured}`,
      hasIdeal
        ? element('span', {}, ' ', element('span', { class: 'swatch ideal' }), ` ${texts.ideal}`)
        : undefined,
    ),
    element('div', { class: 'chart' }, chart),
    left > 0 ? element('p', { class: 'soft' }, texts.mostFrequent(shown.length, left)) : undefined,
  ];
}

function gridLine(y: number, width: number, value: number): SVGElement[] {
  return [
    svg('line', { class: 'grid', x1: String(LEFT - 4), x2: String(width), y1: String(y), y2: String(y) }),
    svg('text', { x: String(LEFT - 8), y: String(y + 3), 'text-anchor': 'end' }, String(value)),
  ];
}

function barView(
  { outcome, count, expected }: Bar,
  x: number,
  height: (value: number) => number,
): SVGElement {
  const middle = x + WIDTH / 2;
  const short = outcome.length > 20 ? `${outcome.slice(0, 19)}…` : outcome;
  const top = HEIGHT - height(expected ?? 0);
  return svg(
    'g',
    {},
    svg('rect', {
      class: 'bar',
      x: String(x + 5),
      y: String(HEIGHT - height(count)),
      width: String(WIDTH - 10),
      height: String(height(count)),
    }),
    expected === undefined
      ? undefined
      : svg('line', {
          class: 'ideal',
          x1: String(x + 1),
          x2: String(x + WIDTH - 1),
          y1: String(top),
          y2: String(top),
        }),
    svg(
      'text',
      {
        class: 'outcome',
        x: String(middle),
        y: String(HEIGHT + 8),
        transform: `rotate(-90 ${middle} ${HEIGHT + 8})`,
        'text-anchor': 'end',
        dy: '3',
      },
      short,
    ),
  );
}

function countsTable(bars: readonly Bar[]): HTMLElement {
  const hasIdeal = bars.some(({ expected }) => expected !== undefined);
  const heads = [texts.outcome, texts.count, ...(hasIdeal ? [texts.expected] : [])];
  return element(
    'table',
    {},
    headOf(heads),
    element(
      'tbody',
      {},
      ...bars
        .toSorted(byCount)
        .slice(0, MOST_ROWS)
        .map(({ outcome, count, expected }) =>
          element(
            'tr',
            {},
            element('th', { scope: 'row' }, element('code', {}, evidence(outcome, 64))),
            element('td', { class: 'number' }, String(count)),
            hasIdeal ? element('td', { class: 'number' }, expected!.toFixed(1)) : undefined,
          ),
        ),
    ),
  );
}

function headOf(names: readonly string[]): HTMLElement {
  const cells = names.map((name, at) =>
    element('th', { scope: 'col', class: at === 0 ? undefined : 'number' }, name),
  );
  return element('thead', {}, element('tr', {}, ...cells));
}

const MOST_VALUES = 64;

/** Each value on one scale, its bar one standard error to either side. */
function expectationView({
  values,
  errors,
  observables,
}: NonNullable<ShownResult['expectation']>): readonly Child[] {
  const shown = values.slice(0, MOST_VALUES);
  const errorOf = (at: number): number => errors?.[at] ?? 0;
  const low = Math.min(-1, ...shown.map((value, at) => value - errorOf(at)));
  const high = Math.max(1, ...shown.map((value, at) => value + errorOf(at)));
  const place = (value: number): string => (((value - low) / (high - low)) * 200).toFixed(2);
  const whisker = (value: number, error: number): SVGElement =>
    svg(
      'svg',
      { class: 'whisker', viewBox: '-4 0 208 12', 'aria-hidden': 'true' },
      svg('line', { class: 'grid', x1: place(0), x2: place(0), y1: '0', y2: '12' }),
      svg('line', { class: 'error', x1: place(value - error), x2: place(value + error), y1: '6', y2: '6' }),
      svg('circle', { class: 'bar', cx: place(value), cy: '6', r: '2.5' }),
    );
  const rows = shown.map((value, at) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, observables === undefined ? String(at) : code(observables[at]!, 64)),
      element('td', { class: 'number' }, String(value)),
      element('td', { class: 'number' }, errors === undefined ? '–' : `± ${errorOf(at)}`),
      element('td', { class: 'wide' }, whisker(value, errorOf(at))),
    ),
  );
  const head = headOf([texts.term, texts.value, texts.error]);
  head.firstElementChild!.append(element('td'));
  const left = values.length - shown.length;
  return [
    element('table', {}, head, element('tbody', {}, ...rows)),
    left > 0 ? element('p', { class: 'soft' }, texts.moreValues(left)) : undefined,
  ];
}
