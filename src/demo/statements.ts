/** The record's own statements in a bundle, beside those of its receipt: replaced by another hand's, or edited as they are. */

import type { LogEntry } from '../attest/log-entry.ts';
import { type KeyedEnvelope, keyHint, readSigstoreBundle } from '../attest/sigstore-bundle.ts';
import { readStatement, recordStatement } from '../attest/statement.ts';
import { fromBase64, toBase64 } from '../core/bytes.ts';
import { digestOf } from '../core/digest.ts';
import { RECORD_PREDICATE } from '../core/identifiers.ts';
import { canonicalBytes } from '../core/jcs.ts';
import type { JsonObject } from '../core/json.ts';
import { coreBytes } from '../record/record.ts';
import type { ExecutionRecord } from '../record/schema.ts';
import { type EvidenceBundle, readKey } from '../verify/bundle.ts';
import { type Hand, recordOf, withRecord } from './sample.ts';

export function envelopeOf(statement: JsonObject): KeyedEnvelope {
  return keyed(statement).envelope;
}

export function entriesOf(statement: JsonObject): readonly LogEntry[] {
  return keyed(statement).tlogEntries;
}

function keyed(statement: JsonObject) {
  const { value } = readSigstoreBundle(statement);
  if (value?.kind !== 'keyed') throw new Error('the sample holds an envelope without a key');
  return value;
}

export function isOfRecord(statement: JsonObject): boolean {
  return readStatement(envelopeOf(statement).payload).value?.predicateType === RECORD_PREDICATE;
}

/** Another record in the bundle's place, stated by whoever signed it. What belongs to the old statements goes with them. */
export async function restate(
  bundle: EvidenceBundle,
  record: ExecutionRecord,
  hand: Hand,
): Promise<EvidenceBundle> {
  const others = bundle.statements.filter((statement) => !isOfRecord(statement));
  const stated = await hand.state(recordStatement(coreBytes(record), record.record.record_id));
  const { ed25519, p256, mlDsa65 } = hand.keys;
  const hints = new Set(others.map((statement) => envelopeOf(statement).keyid));
  const isNamed = (key: string): boolean => hints.has(keyHint(fromBase64(key)!));
  const over = new Set(others.map((statement) => digestOf(envelopeOf(statement).signature)));
  return {
    ...withRecord(bundle, record),
    statements: [...others, ...stated],
    keys: [...new Set([...bundle.keys.filter(isNamed), ...[ed25519, p256, mlDsa65].map(toBase64)])],
    timestamps: bundle.timestamps.filter((stamp) => over.has(stamp.over)),
  };
}

/** The bundle with the hand's key for records in the place of the signer's. */
export function carryKey(bundle: EvidenceBundle, { keys: { ed25519 } }: Hand): EvidenceBundle {
  const isRecords = (key: string): boolean => readKey(key)?.algorithm === 'ed25519';
  return { ...bundle, keys: bundle.keys.map((key) => (isRecords(key) ? toBase64(ed25519) : key)) };
}

/** The record's statements saying something else under the signatures that they have, each consistent within itself. */
export function editPredicates(
  bundle: EvidenceBundle,
  edit: (core: ExecutionRecord) => ExecutionRecord,
): EvidenceBundle {
  const recordId = recordOf(bundle).record.record_id;
  const statements = bundle.statements.map((statement) =>
    isOfRecord(statement) ? editPredicate(statement, edit, recordId) : statement,
  );
  return { ...bundle, statements };
}

function editPredicate(
  statement: JsonObject,
  edit: (core: ExecutionRecord) => ExecutionRecord,
  recordId: string,
): JsonObject {
  const { predicate } = readStatement(envelopeOf(statement).payload).value!;
  const core = edit(predicate as unknown as ExecutionRecord) as unknown as JsonObject;
  const payload = recordStatement(canonicalBytes(core), recordId);
  const envelope = statement.dsseEnvelope as JsonObject;
  return { ...statement, dsseEnvelope: { ...envelope, payload: toBase64(payload) } };
}
