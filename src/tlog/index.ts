/** A transparency log's notes, checkpoints, proofs and cosignatures (C2SP). Nothing is fetched: bytes are handed in. Pure. */

export {
  type Checkpoint,
  formatCheckpoint,
  type OpenedCheckpoint,
  openCheckpoint,
  parseCheckpoint,
} from './checkpoint.ts';
export { type Cosignatures, type Cosigned, collectCosignatures, quorumTime } from './cosignature.ts';
export type { Fault, Read } from './fault.ts';
export { formatHashedRekord, type HashedRekord, parseHashedRekord } from './hashedrekord.ts';
export {
  type Consistency,
  findConsistencyFault,
  findInclusionFault,
  type Inclusion,
  leafHash,
} from './merkle.ts';
export { formatNote, type Note, type NoteSignature, parseNote } from './note.ts';
export { formatLogProof, type LogProof, parseLogProof } from './proof.ts';
export { formatVkey, parseVkey, type Vkey } from './vkey.ts';
