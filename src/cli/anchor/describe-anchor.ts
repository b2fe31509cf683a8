/** An anchor of the store's, in words and in the answer. */

import { toHexData } from '../../anchor/hex-data.ts';
import { count } from '../../core/count.ts';
import { printable } from '../../core/printable.ts';
import { logIdOf } from '../../online/anchor-submit.ts';
import type { AnchorEntry } from '../../store/anchors.ts';

export function describeAnchored({ anchored, chain }: AnchorEntry): string {
  switch (anchored.kind) {
    case 'contract':
      return `the contract ${chain.contract}`;
    case 'record':
      return `record ${printable(anchored.record_id)}`;
    case 'checkpoint':
      return `${count(anchored.size, 'entry', 'entries')} of ${printable(anchored.log.origin)}`;
  }
}

export function answerOf({ chain, anchored, state, block, sent }: AnchorEntry): object {
  const logId = logIdOf(anchored);
  return {
    state,
    chain,
    anchored,
    ...(logId === undefined ? {} : { log_id: toHexData(logId) }),
    ...(block === undefined ? {} : { block }),
    transactions: (sent?.transactions ?? []).flatMap(({ hash }) => hash ?? []),
  };
}
