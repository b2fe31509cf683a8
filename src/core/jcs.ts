/** RFC 8785, the JSON Canonicalization Scheme: one byte string for each JSON value. */

import { type Bytes, utf8 } from './bytes.ts';
import type { JsonValue } from './json.ts';

/** `canonicalText` in UTF-8: the bytes that digests and signatures are over. */
export function canonicalBytes(value: JsonValue): Bytes {
  return utf8(canonicalText(value));
}

/**
 * The canonical text. Numbers and strings are printed as ECMAScript prints them (RFC 8785, section 3.2.2), and
 * `sort` without a comparator is the UTF-16 code unit order of section 3.2.3. The value must be I-JSON: what
 * `parseJson` returns is; NaN, infinities and lone surrogates throw, because they have no canonical form.
 */
export function canonicalText(value: JsonValue): string {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError(`${value} has no canonical form`);
      return String(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object': {
      if (value === null) return 'null';
      if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`;
      return canonicalObject(value as { readonly [name: string]: JsonValue });
    }
    default:
      throw new TypeError(`${typeof value} is not a JSON value`);
  }
}

/** Most strings need no escape, and then the quotes are all there is to add. */
const PLAIN = /^[^"\\\u0000-\u001f\ud800-\udfff]*$/;

function quote(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
  if (!text.isWellFormed()) throw new TypeError('a lone surrogate has no canonical form');
  return JSON.stringify(text);
}

function canonicalObject(object: { readonly [name: string]: JsonValue }): string {
  let text = '{';
  for (const name of Object.keys(object).sort()) {
    if (text.length > 1) text += ',';
    text += `${quote(name)}:${canonicalText(object[name]!)}`;
  }
  return `${text}}`;
}
