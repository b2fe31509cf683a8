// An anchor's offline verification beside the same trie proof by @ethereumjs/mpt, in turn in one run: `node bench/anchor.ts`.
//
// Over a made-up block of 200 receipts whose one at index 131 holds a checkpoint's event; and, where the shared vectors are,
// over the proofs of a main network block's 202 receipts, which hold no event of ours.

import { cpus } from 'node:os';
import { verifyMerkleProof } from '@ethereumjs/mpt';
import { formatAnchor, openAnchor, readAnchor } from '../src/anchor/evidence.ts';
import { encodeHeader, readHeader } from '../src/anchor/header.ts';
import { logId } from '../src/anchor/log-id.ts';
import { provenValue } from '../src/anchor/mpt.ts';
import { encodeReceipt, type RpcReceipt, readReceipt } from '../src/anchor/receipt.ts';
import { buildReceiptTrie, receiptKey } from '../src/anchor/trie.ts';
import { type Bytes, utf8 } from '../src/core/bytes.ts';
import { canonicalText } from '../src/core/jcs.ts';
import { type JsonObject, parseJsonBytes } from '../src/core/json.ts';
import { blockWith, checkpointLog, filled, receiptBytes } from '../test/chain-evidence.ts';
import { listVectors, readVector } from '../test/shared-vectors.ts';
import { median } from './measure.ts';
import { handOver, skip } from './row.ts';

const INDEX = 131;
const ROUNDS = 7;
const TIMED_MS = 400;

/** Milliseconds a call, each taken in turn with the others so that the machine's moods hit all of them. */
async function timeInTurn(works: readonly (() => unknown)[]): Promise<readonly number[]> {
  const rounds: number[][] = works.map(() => []);
  for (let round = 0; round < ROUNDS; round++)
    for (const [i, work] of works.entries()) {
      const start = performance.now();
      let calls = 0;
      for (; performance.now() - start < TIMED_MS; calls++) await work();
      rounds[i]!.push((performance.now() - start) / calls);
    }
  return rounds.map(median);
}

function assert<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('it does not hold');
  return value;
}

function row(what: string, milliseconds: number, peer: number): void {
  console.log(`| ${what} | ${milliseconds.toFixed(3)} ms | ${(milliseconds / peer).toFixed(2)} |`);
}

console.log(
  `${cpus().length} × ${cpus()[0]?.model}, Node ${process.versions.node}, medians of ${ROUNDS} rounds\n`,
);
console.log('| what | time | ratio to @ethereumjs/mpt |\n| --- | --- | --- |');

const account = filled(20, 0xaa);
const root = filled(32, 0xbb);
const event = checkpointLog(logId('sender', account, 'example.org/log'), 5, root);
const { header, trie } = blockWith(receiptBytes({ logs: [event] }), INDEX);
const proof = trie.prove(INDEX);
const object = formatAnchor({
  event: 'checkpoint',
  header,
  receipt: { index: INDEX, proof },
  logIndex: 0,
  log: { origin: 'example.org/log', kind: 'sender', account },
  size: 5,
  root,
  consistency: [],
});
const text = utf8(canonicalText(object));
const key = receiptKey(INDEX);
const [peer, trieProof, opened, whole] = await timeInTurn([
  () => verifyMerkleProof(key, [...proof], { root: trie.root }),
  () => assert(provenValue(trie.root, key, proof).value),
  () => assert(openAnchor(assert(readAnchor(object).value)).event?.value),
  () => assert(openAnchor(assert(readAnchor(parseJsonBytes(text) as JsonObject).value)).event?.value),
]);
handOver(
  {
    what: "an anchor's trie proof, in a block of 200 receipts",
    unit: 'ms',
    ours: trieProof!,
    peer: { name: '`@ethereumjs/mpt`, the same proof', value: peer! },
    limit: { atMost: 1 },
  },
  {
    what: 'a whole anchor verified offline, from its JSON',
    unit: 'ms',
    ours: whole!,
    peer: { name: '`@ethereumjs/mpt`, its trie proof alone', value: peer! },
    limit: { atMost: 4 },
  },
);
row('made-up block: @ethereumjs/mpt, the trie proof alone', peer!, peer!);
row('the trie proof alone', trieProof!, peer!);
row('the whole anchor: shape, header, proof, receipt, event', opened!, peer!);
row('the same from its JSON text', whole!, peer!);

const bytes = proof.reduce((total, { length }) => total + length, 0);
if (listVectors('ethereum', '.json').length > 0) await mainNetwork();
else skip("a main network block's trie proofs", 'no vectors: set QPOE_VECTORS to a folder with ethereum');
console.log(`\nbytes: header ${header.length}, proof ${bytes}, anchor's JSON ${text.length}`);

async function mainNetwork(): Promise<void> {
  const json = (name: string) => JSON.parse(readVector(`ethereum/${name}.json`).toString('utf8'));
  const rlp = assert(encodeHeader(json('block')).value);
  const receipts = json('receipts') as RpcReceipt[];
  const values = receipts.map((receipt) => assert(encodeReceipt(receipt).value));
  const main = buildReceiptTrie(values);
  const proofs = values.map((_, index) => main.prove(index));
  const ours = (read: (value: Bytes) => unknown) => () =>
    proofs.forEach((nodes, index) => {
      read(assert(provenValue(main.root, receiptKey(index), nodes).value));
    });
  const theirs = async () => {
    for (const [index, nodes] of proofs.entries())
      assert(await verifyMerkleProof(receiptKey(index), [...nodes], { root: main.root }));
  };
  const whole = ours((value) => {
    assert(readHeader(rlp).value);
    assert(readReceipt(value).value);
  });
  const [peer, trieProof, opened, building] = await timeInTurn([
    theirs,
    ours(() => undefined),
    whole,
    () => buildReceiptTrie(receipts.map((receipt) => assert(encodeReceipt(receipt).value))),
  ]);
  const each = (milliseconds: number | undefined) => milliseconds! / proofs.length;
  handOver({
    what: "a main network block's 202 trie proofs, each",
    unit: 'ms',
    ours: each(trieProof),
    peer: { name: '`@ethereumjs/mpt`, the same proofs', value: each(peer) },
    limit: { atMost: 1 },
  });
  row('main network block: @ethereumjs/mpt, the trie proof alone', each(peer), each(peer));
  row('the trie proof alone', each(trieProof), each(peer));
  row('header, proof, receipt with its bloom', each(opened), each(peer));
  console.log(
    `| the trie of its ${values.length} receipts, built from JSON | ${building!.toFixed(1)} ms | |`,
  );
}
