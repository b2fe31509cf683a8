/** Records 1.0: making, hashing, reading them. Whether one holds is `quantum-proof-of-execution/verify`'s to say. Pure. */

export { readRecord } from './read-record.ts';
export {
  coreBytes,
  makeRecord,
  type RecordContent,
  type RecordSigner,
  recordCore,
  recordHash,
  recordText,
} from './record.ts';
export { summarizeCounts } from './result.ts';
export { BIT_ORDER, type ExecutionRecord, type Program, type Result, SCHEMA_VERSION } from './schema.ts';
