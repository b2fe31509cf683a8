/**
 * Which records are meant: `[FIGURE=]SELECTOR[,SELECTOR…]`, a selector being `last`, `all`, a record id or its beginning,
 * `label:TEXT`, or days (`2026-11-01..2026-11-30`, either of them open, or one day alone).
 */

import { QpoeError } from '../core/error.ts';
import { parseTime } from '../core/time.ts';
import { FIGURE_NAME } from './manifest.ts';

/** A record as the store lists it. */
export interface Listed {
  readonly record_id: string;
  readonly created_at: string;
  readonly label: string | null;
}

export interface Selected<T extends Listed> {
  /** Each once, oldest first. */
  readonly records: readonly T[];
  readonly figures: readonly { readonly name: string; readonly records: readonly T[] }[];
}

/** @param rows the store's, newest first. @throws QpoeError `usage` where a selector matches nothing */
export function select<T extends Listed>(selections: readonly string[], rows: readonly T[]): Selected<T> {
  const figures = new Map<string, readonly T[]>();
  const chosen = new Set<T>();
  for (const selection of selections) {
    const { figure, selectors } = readSelection(selection);
    const matches = oldestFirst(new Set(selectors.flatMap((selector) => match(selector, rows))));
    for (const row of matches) chosen.add(row);
    if (figure === undefined) continue;
    if (figures.has(figure))
      throw new QpoeError(
        'usage',
        `two selections claim ${figure}`,
        `name its records in one: ${figure}=FIRST,SECOND`,
      );
    figures.set(figure, matches);
  }
  return {
    records: oldestFirst(chosen),
    figures: [...figures]
      .map(([name, records]) => ({ name, records }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

function oldestFirst<T extends Listed>(rows: Iterable<T>): readonly T[] {
  return [...rows].sort((a, b) => (a.record_id < b.record_id ? -1 : 1));
}

function readSelection(text: string): { readonly figure?: string; readonly selectors: readonly string[] } {
  const at = text.startsWith('label:') ? -1 : text.indexOf('=');
  if (at < 0) return { selectors: splitSelectors(text) };
  const figure = text.slice(0, at);
  if (!FIGURE_NAME.test(figure))
    throw new QpoeError(
      'usage',
      `"${figure}" can't be a figure's name`,
      'give up to 64 letters, digits, dots, hyphens and underscores',
    );
  return { figure, selectors: splitSelectors(text.slice(at + 1)) };
}

/** A label may hold a comma: it ends at one that begins another selector, or not at all. */
function splitSelectors(text: string): readonly string[] {
  const parts: string[] = [];
  for (const part of text.split(','))
    if (parts.at(-1)?.startsWith('label:') && !isSelector(part)) parts.push(`${parts.pop()},${part}`);
    else parts.push(part);
  return parts;
}

const DAYS = /^(\d{4}-\d\d-\d\d)?(\.\.)?(\d{4}-\d\d-\d\d)?$/;
const ID = /^[0-9a-f]{8}[0-9a-f-]*$|^[0-9a-f]{1,8}$/;

function isSelector(text: string): boolean {
  return text === 'last' || text === 'all' || text.startsWith('label:') || ID.test(text) || isDays(text);
}

const isDays = (text: string): boolean => text !== '' && text !== '..' && DAYS.test(text);

function match<T extends Listed>(selector: string, rows: readonly T[]): readonly T[] {
  const matches = find(selector, rows);
  if (matches.length > 0) return matches;
  throw new QpoeError('usage', `no record is "${selector}"`, '`qpoe list` shows ids, days and labels');
}

function find<T extends Listed>(selector: string, rows: readonly T[]): readonly T[] {
  if (selector === 'all') return rows;
  if (selector === 'last') return rows.slice(0, 1);
  if (selector.startsWith('label:'))
    return rows.filter(({ label }) => label === selector.slice('label:'.length));
  if (isDays(selector)) return ofDays(selector, rows);
  if (!ID.test(selector))
    throw new QpoeError(
      'usage',
      `"${selector}" selects nothing`,
      'give an id, label:TEXT, a day or DAY..DAY, last or all; before it FIGURE= where you mean a figure',
    );
  const matches = rows.filter(({ record_id: id }) => id.startsWith(selector));
  if (matches.length > 1)
    throw new QpoeError('usage', `"${selector}" begins ${matches.length} record ids`, 'give more of the id');
  return matches;
}

/** Days in UTC, both of them included. */
function ofDays<T extends Listed>(text: string, rows: readonly T[]): readonly T[] {
  const [, first, range, last] = DAYS.exec(text)!;
  const from = startOf(first ?? '0000-01-01');
  const to = startOf(last ?? (range === undefined ? first! : '9999-12-31')) + 86_400_000;
  return rows.filter(({ created_at: at }) => {
    const time = parseTime(at)!;
    return time >= from && time < to;
  });
}

function startOf(day: string): number {
  const time = parseTime(`${day}T00:00:00Z`);
  if (time === undefined) throw new QpoeError('usage', `${day} is no day`, 'give YYYY-MM-DD');
  return time;
}
