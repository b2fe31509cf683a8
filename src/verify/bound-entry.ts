/** A log's entry as a binding names it (`src/record/binding.ts`). */

import type { LogEntry } from '../attest/log-entry.ts';
import { fromBase64, toHex } from '../core/bytes.ts';
import type { TransparencyEntry } from '../record/binding.ts';
import { leafHash } from '../tlog/merkle.ts';

/** A Rekor v1's shard: its origin is `<host> - <tree id>`, its uuids are the tree id and the leaf's hash. */
const SHARD = /^(\S+) - ([1-9]\d{0,18})$/;

/** As the entry's checkpoint says it, which whoever judges the entry has compared with the log's key. */
export function boundEntryOf({ logIndex, inclusionProof, canonicalizedBody }: LogEntry): TransparencyEntry {
  const [origin = ''] = inclusionProof.checkpoint.envelope.split('\n', 1);
  const [, host, tree] = SHARD.exec(origin) ?? [];
  const index = Number(logIndex);
  if (host === undefined || tree === undefined) return { log: origin, log_index: index };
  const leaf = toHex(leafHash(fromBase64(canonicalizedBody)!));
  return { log: host, uuid: BigInt(tree).toString(16).padStart(16, '0') + leaf, log_index: index };
}
