/**
 * Adding to the person's own policy as a text, so that their comments and order stay. Whatever is written is parsed first, and
 * must say exactly what it said before and the addition: where the text can't be understood so far, it is left as it is.
 */

import { QpoeError } from '../core/error.ts';
import { canonicalText } from '../core/jcs.ts';
import type { JsonObject } from '../core/json.ts';
import { type Policy, parsePolicy } from '../verify/policy.ts';
import { writeAtomic } from './files.ts';
import { type Home, readHomeFile } from './home.ts';
import { withLock } from './log-lock.ts';

export interface PolicyEdit {
  /** The text with the addition. */
  readonly toml: string;
  /** What it must then say. */
  readonly policy: Policy;
}

/**
 * @param edit undefined where there is nothing to add; `toml` ends in a newline
 * @param byHand what to write instead, where the text can't take it
 * @returns whether anything was added
 * @throws QpoeError where there is no policy, or it can't be edited
 */
export function editPolicy(
  home: Home,
  edit: (toml: string, policy: Policy) => PolicyEdit | undefined,
  byHand: string,
): boolean {
  // Without a home there is nowhere to take turns.
  if (readHomeFile(home, home.policy) === undefined) throw noPolicy(home);
  return withLock(`${home.policy}.lock`, () => {
    const toml = readHomeFile(home, home.policy);
    if (toml === undefined) throw noPolicy(home);
    const edited = edit(toml.endsWith('\n') ? toml : `${toml}\n`, parsePolicy(toml, home.policy));
    if (edited === undefined) return false;
    const fault = findEditFault(edited, home.policy);
    if (fault !== undefined) throw new QpoeError('refused', fault, byHand);
    writeAtomic(home.policy, Buffer.from(edited.toml), 0o600);
    return true;
  });
}

export function noPolicy({ policy }: Home): QpoeError {
  return new QpoeError('usage', `no policy at ${policy}`, '`qpoe init` makes one');
}

/** Why the text that would be written isn't a policy, or not this one. */
function findEditFault({ toml, policy }: PolicyEdit, path: string): string | undefined {
  try {
    const written = parsePolicy(toml, `${path} can't take that: with it`);
    return textOf(written) === textOf(policy) ? undefined : `${path} can't be added to as it is written`;
  } catch (error) {
    if (error instanceof QpoeError) return error.message;
    throw error;
  }
}

function textOf(policy: Policy): string {
  return canonicalText(policy as JsonObject);
}

/** A table at the end of the text, where it is one of its own whatever stands before it. */
export function appendTable(toml: string, table: string): string {
  return `${toml.replace(/\n*$/, '\n')}\n${table}`;
}
