/** The provider's times in the one form of ours: RFC 3339 in UTC, ending in `Z`. */

import { parseTime } from '../core/time.ts';

const ISO = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d{1,9})?\d*(Z|[+-]\d\d:?\d\d)?$/;

/** Python leaves the zone out where it means UTC; undefined where the text is no time. */
export function providerTime(text: string): string | undefined {
  const match = ISO.exec(text);
  if (match === null) return undefined;
  const [, day, clock, fraction = '', zone = 'Z'] = match;
  if (zone === 'Z' || /^[+-]00:?00$/.test(zone)) {
    const plain = `${day}T${clock}${fraction}Z`;
    return parseTime(plain) === undefined ? undefined : plain;
  }
  const offset = zone.includes(':') ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`;
  const ms = Date.parse(`${day}T${clock}${fraction.slice(0, 4)}${offset}`);
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}
