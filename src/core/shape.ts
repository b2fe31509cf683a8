/** Checking a parsed value against a schema, with the first fault as one line for people. */

import * as z from 'zod/mini';
// What runs is named by itself: through `z.core` a bundler would take all of zod.
import { $constructor } from 'zod/v4/core';

type ArrayDef = z.core.$ZodArrayDef;
type RecordDef = z.core.$ZodRecordDef;
type Payload = z.core.ParsePayload;
type Init = (inst: unknown, def: unknown) => void;
const initList: Init = z.ZodMiniArray.init as never;
const initMembers: Init = z.ZodMiniRecord.init as never;

/**
 * zod collects the fault of every item. A list of as many as fit into a file took it gigabytes, and ended in an overflow of the
 * stack; no one reads a second one.
 */
const FirstFaultList = $constructor<z.ZodMiniArray, ArrayDef>('FirstFaultList', (inst, def) => {
  initList(inst, def);
  const { parse } = inst._zod;
  inst._zod.parse = (payload: Payload, context) => {
    if (!Array.isArray(payload.value)) return parse(payload as never, context);
    const values: unknown[] = [];
    for (const [index, value] of payload.value.entries()) {
      const item = def.element._zod.run({ value, issues: [] }, context) as Payload;
      if (item.issues.length > 0) {
        payload.issues.push(
          ...item.issues.map((issue) => ({ ...issue, path: [index, ...(issue.path ?? [])] })),
        );
        return payload as never;
      }
      values.push(item.value);
    }
    payload.value = values;
    return payload as never;
  };
});

const FirstFaultMembers = $constructor<z.ZodMiniRecord, RecordDef>('FirstFaultMembers', (inst, def) => {
  initMembers(inst, def);
  const { parse } = inst._zod;
  inst._zod.parse = (payload: Payload, context) => {
    const { value } = payload;
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return parse(payload as never, context);
    const members: [string, unknown][] = [];
    for (const [name, member] of Object.entries(value)) {
      const one = parse({ value: { [name]: member }, issues: [] } as never, context) as Payload;
      if (one.issues.length > 0) {
        payload.issues.push(...one.issues);
        return payload as never;
      }
      members.push(...Object.entries(one.value as object));
    }
    payload.value = Object.fromEntries(members);
    return payload as never;
  };
});

/** As `z.array`, up to the first item with a fault. */
export function listOf<T extends z.core.SomeType>(element: T): z.ZodMiniArray<T> {
  return new FirstFaultList({ type: 'array', element: element as never }) as never;
}

/** As `z.record`, up to the first member with a fault. */
export function membersOf<K extends z.core.$ZodRecordKey, V extends z.core.SomeType>(
  keyType: K,
  valueType: V,
): z.ZodMiniRecord<K, V> {
  return new FirstFaultMembers({ type: 'record', keyType, valueType: valueType as never }) as never;
}

/** A value of the right shape, or where it first departs from it. */
export type Shaped<T> =
  | { readonly value: T; readonly fault?: never }
  | { readonly value?: never; readonly fault: string };

/** Where a schema says nothing itself. Else zod's own words would stand there in a process that loaded all of zod, and only there. */
const NO_WORDS = 'Invalid input';

/** The value with its type, or where it first departs from the schema: `workload.shots: expected int`. */
export function checkShape<T>(schema: z.ZodMiniType<T>, value: unknown): Shaped<T> {
  const result = z.safeParse(schema, value, { error: () => NO_WORDS });
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
      return issue.message === NO_WORDS ? 'not what it must be' : issue.message;
  }
}

/** What a schema says itself, where it says anything. */
function ownWords({ message }: z.core.$ZodIssue): string {
  return message === NO_WORDS ? '' : `: ${message}`;
}
