import { describe, expect, it } from 'vitest';
import { formatLogEntry } from '../attest/log-entry.ts';
import { toHex, utf8 } from '../core/bytes.ts';
import { readBinding } from '../record/binding.ts';
import { leafHash } from '../tlog/merkle.ts';
import { boundEntryOf } from './bound-entry.ts';

const body = utf8('{"an":"entry"}');
const entryOf = (origin: string) =>
  formatLogEntry({
    logId: new Uint8Array(32),
    index: 5,
    size: 6,
    root: new Uint8Array(32),
    hashes: [],
    checkpoint: `${origin}\n6\nAAAA\n\n— a b\n`,
    body,
  });

describe('boundEntryOf', () => {
  it('names a tile log by its origin', () => {
    expect(boundEntryOf(entryOf('a.example/log'))).toEqual({ log: 'a.example/log', log_index: 5 });
  });

  it('gives an entry of a Rekor v1 its uuid: the tree id and the leaf’s hash', () => {
    const { logIndex, ...entry } = entryOf('rekor.sigstore.dev - 1193050959916656506');
    const bound = boundEntryOf({ ...entry, logIndex: '105' });
    expect(bound).toEqual({
      log: 'rekor.sigstore.dev',
      // As every uuid of that shard begins.
      uuid: `108e9186e8c5677a${toHex(leafHash(body))}`,
      log_index: 105,
    });
    expect(logIndex).toBe('5');
    const runtime = { provider: 'ibm-quantum', job_id: 'd1' };
    const provenance = { aiir_statement: `sha256:${'ab'.repeat(32)}`, transparency_entry: bound };
    expect(readBinding({ runtime, provenance }).fault).toBeUndefined();
  });
});
