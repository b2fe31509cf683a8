/**
 * in-toto Statements v1 (in-toto/attestation, `spec/v1/statement.md`) of our own predicates, as canonical JSON:
 *
 *     {"_type":"https://in-toto.io/Statement/v1","predicate":{…},"predicateType":"…",
 *      "subject":[{"digest":{"sha256":"…"},"name":"<record_id>"}]}
 *
 * A record's statement is a function of its core: the core's bytes are the one subject, the core itself is the predicate.
 * So there is one payload for a record, and whatever envelopes hold it hold the same bytes.
 */

import { type Bytes, concatenate, toHex, utf8 } from '../core/bytes.ts';
import { sha256 } from '../core/digest.ts';
import { RECORD_PREDICATE } from '../core/identifiers.ts';
import { canonicalBytes, canonicalText } from '../core/jcs.ts';
import {
  isJsonObject,
  JsonError,
  type JsonObject,
  type JsonValue,
  parseJsonBytes,
  WRAPPED,
} from '../core/json.ts';

export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';
/** DSSE’s `payloadType` of a statement. */
export const IN_TOTO_PAYLOAD = 'application/vnd.in-toto+json';

export interface Statement {
  readonly subject: readonly JsonObject[];
  readonly predicateType: string;
  readonly predicate: JsonValue;
}

export type ReadStatement =
  | { readonly value: Statement; readonly fault?: never; readonly code?: never }
  | { readonly fault: string; readonly code: string; readonly value?: never };

/** Statement v1 with its four members and at least one subject. @param payload bytes whose signature holds */
export function readStatement(payload: Uint8Array): ReadStatement {
  let value: JsonValue;
  try {
    value = parseJsonBytes(payload, WRAPPED);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return { fault: `the payload is not strict JSON: ${error.message}`, code: error.code };
  }
  const fault = findFault(value);
  return fault === undefined
    ? { value: value as unknown as Statement }
    : { fault: `the payload is no Statement v1: ${fault}`, code: 'statement.shape' };
}

function findFault(value: JsonValue): string | undefined {
  if (!isJsonObject(value)) return 'not an object';
  const members = Object.keys(value).sort().join();
  if (members !== '_type,predicate,predicateType,subject') return `its members are ${members}`;
  if (value._type !== STATEMENT_TYPE) return `_type is ${JSON.stringify(value._type)}`;
  if (typeof value.predicateType !== 'string') return 'predicateType is no string';
  const { subject } = value;
  return Array.isArray(subject) && subject.length > 0 && subject.every(isJsonObject)
    ? undefined
    : 'subject is no list of objects';
}

/**
 * The canonical members stand in this order, so that the core's own canonical bytes are the predicate's.
 * @param core the canonical bytes of a record without `record.hash` and `record.signature`
 */
export function recordStatement(core: Uint8Array, recordId: string): Bytes {
  const subject = [{ digest: { sha256: toHex(sha256(core)) }, name: recordId }];
  return concatenate([
    utf8(`{"_type":${JSON.stringify(STATEMENT_TYPE)},"predicate":`),
    core,
    utf8(`,"predicateType":${JSON.stringify(RECORD_PREDICATE)},"subject":${canonicalText(subject)}}`),
  ]);
}

/**
 * An in-toto Statement v1 (https://in-toto.io/Statement/v1), canonical (RFC 8785): the payload that is signed.
 * @param subject each `{name?, uri?, digest: {algorithm: hex}}`; at least one
 */
export function statementBytes(
  predicateType: string,
  subject: readonly JsonObject[],
  predicate: JsonValue,
): Bytes {
  return canonicalBytes({ _type: STATEMENT_TYPE, subject: [...subject], predicateType, predicate });
}
