/** What an evidence bundle says, however it is spelled: a bundle that says the same is the same bundle. */

import { toBase64, utf8 } from '../src/core/bytes.ts';
import { canonicalText } from '../src/core/jcs.ts';
import { JsonError, type JsonObject, type JsonValue, parseJsonBytes, WRAPPED } from '../src/core/json.ts';
import { parseNote } from '../src/tlog/note.ts';
import { decodeArtifact, inOrder } from '../src/verify/bundle.ts';

export type Members = { readonly [name: string]: JsonValue };
export const isMembers = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const listOf = (value: JsonValue | undefined): readonly JsonValue[] =>
  Array.isArray(value) ? value : [];

/** A bundle as what it says: no order, no duplicates, no two spellings. Undefined where it isn't strict JSON with members. */
export function meaningOf(bytes: Uint8Array): JsonObject | undefined {
  let value: JsonValue;
  try {
    value = parseJsonBytes(bytes, WRAPPED);
  } catch (error) {
    if (error instanceof JsonError) return undefined;
    throw error;
  }
  if (!isMembers(value)) return undefined;
  return {
    ...value,
    ...mapMember(value, 'artifacts', (all) =>
      isMembers(all)
        ? Object.fromEntries(Object.entries(all).map(([digest, one]) => [digest, decoded(one)]))
        : all,
    ),
    ...mapList(value, 'statements', plainStatement),
    ...mapList(value, 'receipts', decoded),
    ...mapList(value, 'keys'),
    ...mapList(value, 'timestamps'),
    ...mapList(value, 'anchors'),
  };
}

function mapMember(value: Members, name: string, map: (member: JsonValue) => JsonValue): JsonObject {
  return Object.hasOwn(value, name) ? { [name]: map(value[name]!) } : {};
}

function mapList(value: Members, name: string, map = (item: JsonValue): JsonValue => item): JsonObject {
  return mapMember(value, name, (list) => (Array.isArray(list) ? inOrder(list.map(map)) : list));
}

/** Bytes, whatever their encoding. */
function decoded(artifact: JsonValue): JsonValue {
  if (!isMembers(artifact) || typeof artifact.data !== 'string') return artifact;
  if (artifact.encoding !== 'utf8' && artifact.encoding !== 'base64') return artifact;
  const bytes = decodeArtifact({ encoding: artifact.encoding, data: artifact.data });
  if (bytes === undefined) return artifact;
  return { ...artifact, encoding: 'base64', data: toBase64(bytes) };
}

/** What protobuf's JSON leaves out is left out, and so is a `keyid` that says what the hint does. */
function plainStatement(statement: JsonValue): JsonValue {
  if (!isMembers(statement)) return statement;
  const { verificationMaterial: material, dsseEnvelope: envelope } = statement;
  return {
    ...statement,
    ...(isMembers(material) ? { verificationMaterial: plainMaterial(material) } : {}),
    ...(isMembers(envelope) ? { dsseEnvelope: plainEnvelope(envelope, hintOf(statement)) } : {}),
  };
}

export function hintOf({ verificationMaterial: material }: Members): JsonValue | undefined {
  return isMembers(material) && isMembers(material.publicKey) ? material.publicKey.hint : undefined;
}

function plainMaterial(material: JsonObject): JsonObject {
  const { tlogEntries, timestampVerificationData: stamped, ...rest } = material;
  const entries = Array.isArray(tlogEntries) ? inOrder(tlogEntries.map(plainEntry)) : tlogEntries;
  const stamps = isMembers(stamped) ? { ...stamped, ...mapList(stamped, 'rfc3161Timestamps') } : stamped;
  const isEmpty = (value: JsonValue | undefined): boolean =>
    value === undefined ||
    canonicalText(value) === '[]' ||
    ['{}', '{"rfc3161Timestamps":[]}'].includes(canonicalText(value));
  return {
    ...rest,
    ...(Array.isArray(entries) && isEmpty(entries)
      ? {}
      : entries === undefined
        ? {}
        : { tlogEntries: entries }),
    ...(isMembers(stamps) && isEmpty(stamps)
      ? {}
      : stamps === undefined
        ? {}
        : { timestampVerificationData: stamps }),
  };
}

function plainEnvelope(envelope: JsonObject, hint: JsonValue | undefined): JsonObject {
  return {
    ...envelope,
    ...mapMember(envelope, 'signatures', (signatures) =>
      listOf(signatures).length === 1 && isMembers(listOf(signatures)[0])
        ? [plainSignature(listOf(signatures)[0] as JsonObject, hint)]
        : signatures,
    ),
  };
}

function plainSignature({ keyid, ...rest }: JsonObject, hint: JsonValue | undefined): JsonObject {
  return keyid === undefined || keyid === '' || keyid === hint ? rest : { ...rest, keyid };
}

function plainEntry(entry: JsonValue): JsonValue {
  if (!isMembers(entry)) return entry;
  const { integratedTime, ...rest } = entry;
  return {
    logIndex: '0',
    ...rest,
    ...(integratedTime === undefined || integratedTime === '0' ? {} : { integratedTime }),
    ...mapMember(entry, 'inclusionProof', plainProof),
  };
}

function plainProof(proof: JsonValue): JsonValue {
  if (!isMembers(proof)) return proof;
  const { checkpoint } = proof;
  const note =
    isMembers(checkpoint) && typeof checkpoint.envelope === 'string' ? checkpoint.envelope : undefined;
  return {
    logIndex: '0',
    hashes: [],
    ...proof,
    ...(note === undefined
      ? {}
      : { checkpoint: { ...(checkpoint as JsonObject), envelope: plainNote(note) } }),
  };
}

/** Its text, and its signature lines in order. */
function plainNote(note: string): string {
  if (parseNote(utf8(note)).fault !== undefined) return note;
  const { text, lines } = splitNote(note);
  return `${text}\n${[...new Set(lines)].sort().join('\n')}\n`;
}

export function splitNote(note: string) {
  const blank = note.lastIndexOf('\n\n');
  return { text: note.slice(0, blank + 1), lines: note.slice(blank + 2, -1).split('\n') };
}
