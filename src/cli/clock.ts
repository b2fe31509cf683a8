/** The system's clock, where it can be believed at all. */

import { QpoeError } from '../core/error.ts';

const YEAR_10000 = 253_402_300_800_000;

/** Milliseconds since 1970. @throws QpoeError `external` for a time that no record can hold */
export function readClock(): number {
  const now = Date.now();
  if (now < 0 || now >= YEAR_10000)
    throw new QpoeError('external', "this machine's clock is not set", 'set it');
  return now;
}
