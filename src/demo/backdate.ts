/** The two clocks that a bundle carries in signed or hashed form, set back: the witnesses' and the chain's. */

import { fromHexData, toHexData } from '../anchor/hex-data.ts';
import { decodeRlp, encodeRlp, type RlpItem } from '../anchor/rlp.ts';
import { integerBytes } from '../anchor/rlp-integer.ts';
import { type Bytes, utf8 } from '../core/bytes.ts';
import type { JsonObject } from '../core/json.ts';
import { formatCosignature, readTimedSignature } from '../tlog/cosignature.ts';
import { formatNote, type NoteSignature, parseNote } from '../tlog/note.ts';
import type { EvidenceBundle } from '../verify/bundle.ts';
import { entriesOf } from './statements.ts';

export function backdate(bundle: EvidenceBundle, seconds: number): EvidenceBundle {
  return {
    ...bundle,
    statements: bundle.statements.map((statement) => backdateEntries(statement, seconds)),
    anchors: bundle.anchors.map((anchor) => backdateBlock(anchor, seconds)),
  };
}

function backdateEntries(statement: JsonObject, seconds: number): JsonObject {
  const entries = entriesOf(statement);
  if (entries.length === 0) return statement;
  const tlogEntries = entries.map((entry) => {
    const { checkpoint, ...proof } = entry.inclusionProof;
    const envelope = backdateNote(checkpoint.envelope, seconds);
    return { ...entry, inclusionProof: { ...proof, checkpoint: { envelope } } };
  }) as unknown as readonly JsonObject[];
  const material = statement.verificationMaterial as JsonObject;
  return { ...statement, verificationMaterial: { ...material, tlogEntries: [...tlogEntries] } };
}

function backdateNote(envelope: string, seconds: number): string {
  const { text, signatures } = parseNote(utf8(envelope)).value!;
  const [origin] = text.split('\n', 1);
  return formatNote({
    text,
    signatures: signatures.map((line) => (line.name === origin ? line : backdateLine(line, seconds))),
  });
}

function backdateLine(line: NoteSignature, seconds: number): NoteSignature {
  const { time, signature } = readTimedSignature(line.signature)!;
  return { ...line, signature: formatCosignature(time - seconds, signature) };
}

/** Yellow paper, section 4.4.3: the twelfth field of a header. */
const TIMESTAMP = 11;

function backdateBlock(anchor: JsonObject, seconds: number): JsonObject {
  const fields = decodeRlp(fromHexData(anchor.header as string)!).value as readonly RlpItem[];
  const time = (fields[TIMESTAMP] as Bytes).reduce((value, byte) => value * 256 + byte, 0);
  return { ...anchor, header: toHexData(encodeRlp(fields.with(TIMESTAMP, integerBytes(time - seconds)))) };
}
