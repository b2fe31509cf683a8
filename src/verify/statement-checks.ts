/** What a record's statement says, once its signature holds (docs/format.md). */

import { type ReadStatement, recordStatement, type Statement } from '../attest/statement.ts';
import { type Bytes, equalBytes } from '../core/bytes.ts';
import { type Digest, digestOf } from '../core/digest.ts';
import { isNewerRecordPredicate } from '../core/identifiers.ts';
import { canonicalBytes } from '../core/jcs.ts';
import type { JsonObject } from '../core/json.ts';
import { readRecord } from '../record/read-record.ts';
import type { ExecutionRecord } from '../record/schema.ts';
import { type Check, type Found, found, makeCheck } from './check.ts';

export interface Stated {
  readonly subject: Found;
  /** The record whose core was signed, where its shape is one. Its own `hash` is computed, its own signature is not there. */
  readonly record?: ExecutionRecord;
}

/**
 * Whether the payload is exactly what this program writes for the core that it carries: one subject, its digest that core's,
 * canonical to the byte.
 * @param payload bytes whose signature holds
 */
export function checkStated(payload: Bytes, { predicate, subject }: Statement): Stated {
  const core = canonicalBytes(predicate);
  const record = completeRecord(predicate as JsonObject, digestOf(core));
  if (typeof record === 'string')
    return { subject: found('fail', `the predicate is no record core: ${record}`, 'statement.predicate') };
  return equalBytes(payload, recordStatement(core, record.record.record_id))
    ? { record, subject: describeExact(record) }
    : { record, subject: describeDeparture(payload, subject, record.record.hash) };
}

/** A statement makes no more of a record that no one signed when it ran. */
function describeExact({ record }: ExecutionRecord): Found {
  return record.signature_alg === 'none'
    ? found('unknown', 'its record is unsigned', 'statement.unsigned-record')
    : found('pass', record.hash);
}

/** The core as a record, for what is checked of a record's content; or why it is none. */
function completeRecord(core: JsonObject, hash: Digest): ExecutionRecord | string {
  const inner = core?.record as JsonObject | undefined;
  if (
    typeof inner !== 'object' ||
    inner === null ||
    Object.hasOwn(inner, 'hash') ||
    Object.hasOwn(inner, 'signature')
  )
    return 'it has no record section, or one with its own hash or signature';
  const signature = inner.signature_alg === 'none' ? null : `${'A'.repeat(86)}==`;
  const { value, fault } = readRecord({ ...core, record: { ...inner, hash, signature } });
  return value ?? fault;
}

function describeDeparture(payload: Bytes, subject: readonly JsonObject[], hash: string): Found {
  if (subject.length !== 1)
    return found('fail', `${subject.length} subjects, a record's statement has one`, 'statement.subjects');
  const digest = subject[0]!.digest as JsonObject | undefined;
  if (digest?.sha256 !== hash.slice('sha256:'.length))
    return found('fail', `the subject is not the predicate, which hashes to ${hash}`, 'statement.subject');
  return found(
    'fail',
    `the payload's ${payload.length} bytes are not the canonical ones`,
    'statement.canonical',
  );
}

/** A signed statement that is neither a record's nor a receipt's, or one that can't be read. */
export function checkForeign({ value, fault, code }: ReadStatement): Found {
  if (fault !== undefined) return found('fail', fault, code);
  return isNewerRecordPredicate(value.predicateType)
    ? found('unknown', `predicate ${value.predicateType}`, 'format.newer', 'verify it with a newer qpoe')
    : found('unknown', `this program does not know predicate ${value.predicateType}`, 'statement.predicate');
}

export function statementCheck(id: 'signature' | 'signer' | 'subject', result: Found): Check {
  const relies = { signature: 'the algorithm', signer: 'your policy', subject: 'SHA-256' };
  return makeCheck(`statement.${id}`, relies[id], result);
}
