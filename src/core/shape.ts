/** Checking a parsed value against a schema, with the first fault as one line for people. */

import * as z from 'zod/mini';

export type Shaped<T> =
  | { readonly value: T; readonly fault?: never }
  | { readonly value?: never; readonly fault: string };

/** The value with its type, or where it first departs from the schema: `workload.shots: expected int`. */
export function checkShape<T>(schema: z.ZodMiniType<T>, value: unknown): Shaped<T> {
  const result = z.safeParse(schema, value);
  return result.success ? { value: result.data } : { fault: describeIssue(result.error.issues[0]!) };
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const nested = firstNested(issue);
  if (nested !== undefined) return describeIssue({ ...nested, path: [...issue.path, ...nested.path] });
  const where = issue.path.length === 0 ? 'the top level' : issue.path.map(String).join('.');
  return `${where}: ${reasonOf(issue)}`;
}

/** Of a union, the issue of the alternative that came furthest. */
function firstNested(issue: z.core.$ZodIssue): z.core.$ZodIssue | undefined {
  if (issue.code !== 'invalid_union') return undefined;
  const alternatives = issue.errors.map((issues) => issues[0]).filter((first) => first !== undefined);
  return alternatives.sort((a, b) => b.path.length - a.path.length)[0];
}

function reasonOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${issue.expected}`;
    case 'unrecognized_keys':
      return `unknown ${issue.keys.length === 1 ? 'member' : 'members'} ${issue.keys.map((key) => JSON.stringify(key)).join(', ')}${ownWords(issue)}`;
    case 'invalid_value':
      return `expected ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`;
    case 'invalid_format':
      return `not of the form ${issue.pattern ?? issue.format}`;
    case 'invalid_key':
      return 'a member name of the wrong form';
    case 'too_small':
      return `too small, at least ${issue.minimum}`;
    case 'too_big':
      return `too big, at most ${issue.maximum}`;
    default:
      return issue.message === 'Invalid input' ? 'not what it must be' : issue.message;
  }
}

/** What a schema says itself, where it says anything. */
function ownWords({ message }: z.core.$ZodIssue): string {
  return message === 'Invalid input' ? '' : `: ${message}`;
}
