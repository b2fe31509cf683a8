/**
 * The proofs that statements lack, made from a log's folder: for whoever has the parts without them, and a copy of the log. The
 * files of the statements stay as they are.
 */

import { pae } from '../../attest/dsse.ts';
import { formatLogEntry } from '../../attest/log-entry.ts';
import { type KeyedEnvelope, keyHint, readSigstoreBundle } from '../../attest/sigstore-bundle.ts';
import { toBase64 } from '../../core/bytes.ts';
import { sha256 } from '../../core/digest.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { readEntries } from '../../store/log-read.ts';
import { parseHashedRekord } from '../../tlog/hashedrekord.ts';
import { sameHash } from '../../tlog/merkle.ts';
import { hashVkey } from '../../tlog/vkey.ts';
import { proveEntry, type ReadableLog } from './readable-log.ts';

/** The statement with a proof by this log beside its envelope; as it is where it has one, or the log no entry of it. */
export function proveStatement(log: ReadableLog, statement: JsonObject): JsonObject {
  const { value } = readSigstoreBundle(statement);
  if (value?.kind !== 'keyed') return statement;
  const id = toBase64(hashVkey(log.vkey));
  if (value.tlogEntries.some(({ logId }) => logId.keyId === id)) return statement;
  const index = findEntry(log, value.envelope);
  if (index === undefined) return statement;
  const material = statement.verificationMaterial as JsonObject;
  const tlogEntries = [...value.tlogEntries, formatLogEntry(proveEntry(log, index))] as unknown as JsonValue;
  return { ...statement, verificationMaterial: { ...material, tlogEntries } };
}

/** A log takes entries from anyone: one of this signature that names another's key would make the statement fail. */
function findEntry(
  { folder, checkpoint: { size } }: ReadableLog,
  { payloadType, payload, signature, keyid }: KeyedEnvelope,
): number | undefined {
  const digest = sha256(pae(payloadType, payload));
  const text = toBase64(signature);
  let index = 0;
  for (const body of readEntries(folder, size)) {
    // Most entries are others': they needn't be parsed.
    const entry = Buffer.from(body).includes(text) ? parseHashedRekord(body).value : undefined;
    if (entry !== undefined && sameHash(entry.digest, digest) && keyHint(entry.publicKey) === keyid)
      return index;
    index += 1;
  }
  return undefined;
}
