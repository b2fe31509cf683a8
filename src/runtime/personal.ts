/** Personal data in what a provider says: it never stands in a record, but withheld, or cut from a text. */

import type { Bytes } from '../core/bytes.ts';
import type { JsonValue } from '../core/json.ts';
import { type Withheld, withhold } from '../store/openings.ts';

const EMAIL = /[^\s@<>"']+@[^\s@<>"']+\.[A-Za-z]{2,}/;
const CRN = /crn:v\d+:\S+/;
const ACCOUNT = /\bIBMid-[0-9A-Z]+\b/i;
const PATH = /(?:[A-Za-z]:\\|~\/|\/(?:home|Users|root|tmp|var|opt|mnt|srv|usr)\/)[^\s"',;]*/;
/** A pointer to a log's entry looks like an address, and names no person. */
const LOG_TAG = /^tlog:\d+@[A-Za-z0-9.-]+$/;
const ALL = [EMAIL, CRN, ACCOUNT, PATH].map((pattern) => new RegExp(pattern.source, `g${pattern.flags}`));

function isPersonal(text: string): boolean {
  return !LOG_TAG.test(text) && [EMAIL, CRN, ACCOUNT, PATH].some((pattern) => pattern.test(text));
}

/** A text of the person's own, whole: what looks personal is withheld. @param openings takes its opening */
export function withholdPersonal(openings: Bytes[], text: string): string | Withheld {
  return isPersonal(text) ? withhold(openings, text) : text;
}

/** The same of every text in a value. */
export function withholdWithin(openings: Bytes[], value: JsonValue): JsonValue {
  if (typeof value === 'string') return withholdPersonal(openings, value);
  if (Array.isArray(value)) return value.map((item) => withholdWithin(openings, item as JsonValue));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, withholdWithin(openings, member as JsonValue)]),
  );
}

/** A message, without what looks personal in it. */
export function cutPersonal(text: string): string {
  return ALL.reduce((cut, pattern) => cut.replace(pattern, '…'), text);
}
