/** What `qpoe run` is to run, before an SDK is asked: named, with its programs and what the person gave for each. */

import type { Circuit } from '../../circuit/circuit.ts';
import { QpoeError } from '../../core/error.ts';

export interface PlannedProgram {
  readonly circuit: Circuit;
  /** What `--param` bound in it. */
  readonly values: Readonly<Record<string, number>>;
  /** The person's own file, as it came. */
  readonly input?: { readonly format: string; readonly bytes: Uint8Array };
}

export interface PlannedJob {
  readonly name: string;
  readonly parameters: Readonly<Record<string, number>>;
  readonly programs: readonly PlannedProgram[];
}

/** `name=value` of a `--param`. */
export function splitAssignment(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1)
    throw new QpoeError('usage', `--param ${text} is not name=value`, 'for example --param depth=4');
  return [text.slice(0, at), text.slice(at + 1)];
}

export function readNumber(flag: string, text: string): number {
  const value = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(value)) throw new QpoeError('usage', `${flag} must be a number, not "${text}"`);
  return value + 0;
}
