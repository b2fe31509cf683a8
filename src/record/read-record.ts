/** Reading a record 1.0 from parsed JSON. */

import type { JsonValue } from '../core/json.ts';
import { checkShape, type Shaped } from '../core/shape.ts';
import { type ExecutionRecord, recordSchema, SCHEMA_VERSION } from './schema.ts';

/**
 * The very value that was parsed, once it has a record's shape; or where it departs from it. Never a copy: zod leaves out
 * members that it has no place for (`__proto__`), and what is left out would not be hashed.
 */
export function readRecord(value: JsonValue): Shaped<ExecutionRecord> {
  const { fault } = checkShape(recordSchema, value);
  return fault === undefined ? { value: value as unknown as ExecutionRecord } : { fault };
}

/** Whether a `schema_version` is one that this program doesn't know, rather than none. */
export function isNewerRecord(version: JsonValue | undefined): boolean {
  const match = typeof version === 'string' ? /^([1-9]\d{0,3})\.(0|[1-9]\d{0,3})$/.exec(version) : null;
  return match !== null && version !== SCHEMA_VERSION;
}
