/** A fingerprint as a person gives it: with or without `sha256:`, in either case, with colons or spaces between the digits. */

import { QpoeError } from '../core/error.ts';
import { printable } from '../core/printable.ts';

/** @throws QpoeError `usage` */
export function readFingerprint(text: string, flag: string): string {
  const hex = text
    .toLowerCase()
    .replace(/^sha256:/, '')
    .replace(/[:\s]/g, '');
  if (/^[0-9a-f]{64}$/.test(hex)) return `sha256:${hex}`;
  throw new QpoeError('usage', `${flag} ${printable(text)} is not a fingerprint`, 'give 64 hex digits');
}
