/** Evidence that a chain holds a log's checkpoint or a record's hash: block header, receipt proof, event. Pure. */

export {
  type Anchor,
  type AnchoredEvent,
  type CheckpointAnchor,
  formatAnchor,
  type OpenedAnchor,
  openAnchor,
  type RecordAnchor,
  readAnchor,
} from './evidence.ts';
export { type LogKind, logId } from './log-id.ts';
