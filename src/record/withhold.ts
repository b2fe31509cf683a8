/**
 * What would say who someone is, or where, never stands in a record: in its place stands the digest of it with fresh random
 * bytes, `{"withheld":"sha256:…"}`, so that it can be shown later to whom it concerns and guessed by no one.
 */

import { type Bytes, toHex } from '../core/bytes.ts';
import { digestOf } from '../core/digest.ts';
import { canonicalBytes } from '../core/jcs.ts';
import type { JsonObject, JsonValue } from '../core/json.ts';

/** By what this machine would be known. */
export interface Person {
  readonly user: string;
  readonly home: string;
  readonly host: string;
}

export interface Withheld {
  readonly section: JsonObject;
  /** The JCS of `{"salt","value"}`, whose digests stand in the section. */
  readonly openings: readonly Bytes[];
}

const EMAIL = /[^\s@"'<>]+@[^\s@"'<>]+\.[^\s@"'<>]+/;
/** Two names deep at least, so that `a/b` and a lone slash are none. */
const ABSOLUTE_PATH =
  /(?:^|[\s"'=:,(<[])(?:~|[A-Za-z]:)?[/\\][^\s/\\]+[/\\]|^~[/\\]|(?:^|[\s"'])[A-Za-z]:\\|file:\/\//;

/** @param drawSalt 32 fresh random bytes each time */
export function withholdPersonal(section: JsonObject, person: Person, drawSalt: () => Bytes): Withheld {
  const openings: Bytes[] = [];
  const isPersonal = personalText(person);
  const withhold = (value: JsonValue): JsonValue => {
    const opening = canonicalBytes({ salt: toHex(drawSalt()), value });
    openings.push(opening);
    return { withheld: digestOf(opening) };
  };
  const pass = (value: JsonValue): JsonValue => {
    if (typeof value === 'string') return isPersonal(value) ? withhold(value) : value;
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map(pass);
    // A name is as good as a value to say who someone is.
    if (Object.keys(value).some(isPersonal)) return withhold(value);
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [name, pass(member as JsonValue)]),
    );
  };
  return { section: pass(section) as JsonObject, openings };
}

export function personalText({ user, home, host }: Person): (text: string) => boolean {
  // Shorter ones are parts of words.
  const names = [user, host, host.split('.')[0]!].filter((text) => text.length > 2).map(escapePattern);
  const known =
    names.length === 0 ? undefined : new RegExp(`(?<![\\w-])(?:${names.join('|')})(?![\\w-])`, 'i');
  return (text) =>
    EMAIL.test(text) ||
    ABSOLUTE_PATH.test(text) ||
    (home.length > 1 && text.includes(home)) ||
    known?.test(text) === true;
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
