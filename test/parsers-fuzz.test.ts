/** A small run of `scripts/fuzz-parsers.ts`, which see; and what it found. */

import { expect, it, test } from 'vitest';
import { fuzzParsers } from '../scripts/fuzz-parsers.ts';
import { utf8 } from '../src/core/bytes.ts';
import { recordText } from '../src/record/record.ts';
import { parseTlogPolicy } from '../src/tlog/tlog-policy.ts';
import { formatVkey, makeVkey } from '../src/tlog/vkey.ts';
import { verifyBytes } from '../src/verify/verify.ts';
import { NOW, newSigner, signedRecord, trusting } from './records.ts';

test.each([1, 2])('every reader answers mutations as it says, and nothing else: seed %d', async (seed) => {
  const { targets, crashes } = await fuzzParsers(6_000, seed);
  expect(crashes).toEqual([]);
  expect(targets.length).toBeGreaterThan(35);
  for (const { name, cases, slowest } of targets) {
    expect(cases, name).toBeGreaterThan(100);
    expect(slowest, name).toBeLessThan(2_000);
  }
  expect(targets.reduce((sum, { read }) => sum + read, 0)).toBeGreaterThan(1_000);
});

const signer = newSigner();
const record = JSON.parse(recordText(await signedRecord(signer)));

it.each([
  ['programs', { ...record, workload: { ...record.workload, programs: Array(300_000).fill({}) } }],
  ['results', { ...record, execution: { ...record.execution, result_summary: Array(300_000).fill({}) } }],
])('a record with a list of %s, each of which is none, is malformed', async (_, value) => {
  const verdict = await verifyBytes(utf8(JSON.stringify(value)), trusting(signer), NOW);
  expect(verdict).toMatchObject({ verdict: 'fail', headline: 'FAIL: record.format' });
});

it('a log’s policy of groups in groups is refused before it fills the memory', () => {
  const lines = Array.from({ length: 1_001 }, (_, i) => {
    const publicKey = new Uint8Array(32).fill(9);
    new DataView(publicKey.buffer).setUint32(0, i);
    const witness = `witness w${i} ${formatVkey(makeVkey('w', 'cosignature-ed25519', publicKey))}\n`;
    return `${witness}group g${i} all ${i === 0 ? '' : `g${i - 1} `}w${i}\n`;
  });
  const policy = (count: number) => utf8(`${lines.slice(0, count).join('')}quorum g${count - 1}\n`);
  expect(parseTlogPolicy(policy(1_000)).value).toMatchObject({ quorum: 1_000 });
  expect(parseTlogPolicy(policy(1_001)).fault).toContain('group g1000 is of more than 1000 witnesses');
});
