/** Whether an entry's proof was seen by as many witnesses as the policy asks for. */

import type { LogEntry } from '../../attest/log-entry.ts';
import { utf8 } from '../../core/bytes.ts';
import { collectCosignatures } from '../../tlog/cosignature.ts';
import { parseNote } from '../../tlog/note.ts';
import type { PolicyLog } from '../../verify/log-checks.ts';

export async function hasQuorum(
  { inclusionProof }: LogEntry,
  { witnesses, quorum }: PolicyLog,
): Promise<boolean> {
  const note = parseNote(utf8(inclusionProof.checkpoint.envelope)).value;
  if (note === undefined) return false;
  const { cosigned, faults } = await collectCosignatures(note, witnesses);
  return faults.length === 0 && cosigned.length >= quorum;
}
