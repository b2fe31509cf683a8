/** A time that a person gives: RFC 3339 in UTC, or a day, which is its beginning. */

import { QpoeError } from '../../core/error.ts';
import { printable } from '../../core/printable.ts';
import { parseTime } from '../../core/time.ts';

/** @returns milliseconds since 1970, to the second, as policies are written. @throws QpoeError `usage` */
export function readWhen(text: string | undefined, flag: string): number | undefined {
  if (text === undefined) return undefined;
  const ms = parseTime(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text);
  if (ms !== undefined) return Math.floor(ms / 1000) * 1000;
  throw new QpoeError(
    'usage',
    `${flag} ${printable(text, 100)} is no time`,
    'give 2027-01-01T00:00:00Z or 2027-01-01',
  );
}
