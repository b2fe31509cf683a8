/** Every reader of the pure folders: what it is called with, from what its mutations start, and what it may throw. */

import { readdirSync, readFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import { encode, rfc8949EncodeOptions } from 'cborg';
import { readCheckpointEvent, readSubmittedEvent } from '../src/anchor/contract-events.ts';
import { openAnchor, readAnchor } from '../src/anchor/evidence.ts';
import { encodeHeader, readHeader } from '../src/anchor/header.ts';
import { fromHexData, fromHexQuantity, toHexData } from '../src/anchor/hex-data.ts';
import { decodeHexPrefix, encodeHexPrefix } from '../src/anchor/hex-prefix.ts';
import { keccak256 } from '../src/anchor/keccak.ts';
import { provenValue } from '../src/anchor/mpt.ts';
import { encodeReceipt, readReceipt as readChainReceipt } from '../src/anchor/receipt.ts';
import { decodeRlp, encodeRlp, isList } from '../src/anchor/rlp.ts';
import { readCount, readInteger } from '../src/anchor/rlp-integer.ts';
import { findAiSignals, readAiDeclaration } from '../src/attest/declared-ai.ts';
import { makeManifest } from '../src/attest/manifest.ts';
import { isReceiptLike, looksLikeReceipts, readReceipts } from '../src/attest/read-receipts.ts';
import { checkReceiptHash } from '../src/attest/receipt.ts';
import { checkSidecar, readCoreCbor } from '../src/attest/receipt-cbor.ts';
import { receiptNotes } from '../src/attest/receipt-notes.ts';
import { isSigstoreBundle, readSigstoreBundle } from '../src/attest/sigstore-bundle.ts';
import { readStatement } from '../src/attest/statement.ts';
import { readRekorLogs } from '../src/attest/trusted-root.ts';
import { circuitBytes } from '../src/circuit/circuit.ts';
import { readCircuit } from '../src/circuit/read-circuit.ts';
import { buildWorkload, findWorkload } from '../src/circuit/workloads.ts';
import {
  type Bytes,
  equalBytes,
  fromBase64,
  fromHex,
  fromUtf8,
  toBase64,
  toHex,
  utf8,
} from '../src/core/bytes.ts';
import { verifyEd25519 } from '../src/core/ed25519.ts';
import { QpoeError } from '../src/core/error.ts';
import { inflateZlib } from '../src/core/inflate.ts';
import { canonicalBytes } from '../src/core/jcs.ts';
import { JsonError, type JsonObject, type JsonValue, parseJsonBytes } from '../src/core/json.ts';
import { verifyMlDsa44 } from '../src/core/ml-dsa-44.ts';
import { verifyMlDsa65 } from '../src/core/ml-dsa-65.ts';
import { fromDer, toDer, verifyP256 } from '../src/core/p256.ts';
import { printable } from '../src/core/printable.ts';
import { parsePythonJson, pythonText } from '../src/core/python-json.ts';
import { formatTime, parseTime } from '../src/core/time.ts';
import { PUBLIC_GOOD_ROOT } from '../src/online/public-good-root.ts';
import { type Binding, readBinding } from '../src/record/binding.ts';
import { bindingTagsAmong, tagsOfBinding } from '../src/record/binding-tags.ts';
import { readNpy } from '../src/record/job-results/npy.ts';
import { readResults } from '../src/record/job-results/read-results.ts';
import { Undecodable } from '../src/record/job-results/undecodable.ts';
import { isOriginalLike, readOriginal } from '../src/record/original.ts';
import { isNewerRecord, readRecord } from '../src/record/read-record.ts';
import { recordHash } from '../src/record/record.ts';
import { parseCheckpoint } from '../src/tlog/checkpoint.ts';
import { collectCosignatures, readTimedSignature } from '../src/tlog/cosignature.ts';
import { formatEntryBundle, parseEntryBundle } from '../src/tlog/entry-bundle.ts';
import { formatHashedRekord, parseHashedRekord } from '../src/tlog/hashedrekord.ts';
import { findConsistencyFault, findInclusionFault, planConsistency } from '../src/tlog/merkle.ts';
import { formatNote, parseNote } from '../src/tlog/note.ts';
import { formatLogProof, parseLogProof } from '../src/tlog/proof.ts';
import { parseTilePath, tileAt, tilePath } from '../src/tlog/tile.ts';
import { readProof } from '../src/tlog/tile-hashes.ts';
import { parseTlogPolicy } from '../src/tlog/tlog-policy.ts';
import { formatVkey, makeVkey, parseVkey } from '../src/tlog/vkey.ts';
import {
  formatAddCheckpoint,
  openSubmission,
  parseAddCheckpoint,
  parseTreeSize,
} from '../src/tlog/witness.ts';
import { judgeAnchor } from '../src/verify/anchor-checks.ts';
import { isBundleLike, readBundle } from '../src/verify/bundle.ts';
import { parsePolicy } from '../src/verify/policy.ts';
import { checkRekorBody } from '../src/verify/rekor-body.ts';
import type { Trust } from '../src/verify/trust.ts';
import { verifyBytes } from '../src/verify/verify.ts';
import { anchorRecord, anchorTree } from '../test/anchors.ts';
import { aReceipt, stamped } from '../test/receipts.ts';

import type { Hostile } from './fuzz-hostile.ts';

/** What its texts are made of: how they are mutated follows from it. */
type Form = 'json' | 'lines' | 'bytes' | 'rlp' | 'cbor' | 'word';

export interface Target {
  readonly name: string;
  readonly form: Form;
  readonly seeds: readonly Uint8Array[];
  /** @returns whether it was read @throws what the reader documents, and nothing else */
  readonly read: (input: Bytes) => unknown;
  /** Which errors are its answers. */
  readonly throws?: typeof JsonError | typeof QpoeError;
  /** A megabyte each of what this reader alone may do badly with. */
  readonly hostile?: readonly Hostile[];
}

const here = (path: string): URL => new URL(`../vectors/${path}`, import.meta.url);

interface Vector {
  readonly text: string;
  readonly policy?: string;
}

function vectorsIn(folder: string): Vector[] {
  return readdirSync(here(`${folder}/`))
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(here(`${folder}/${name}`), 'utf8')));
}

const textsIn = (folder: string): Bytes[] => vectorsIn(folder).map(({ text }) => utf8(text));
const words = (...texts: readonly string[]): Bytes[] => texts.map(utf8);
const json = (...values: readonly unknown[]): Bytes[] => values.map((value) => utf8(JSON.stringify(value)));

const bundles = vectorsIn('bundle');
const full = JSON.parse(bundles.find(({ text }) => JSON.parse(text).keys.length === 3)!.text) as {
  readonly record: JsonObject;
  readonly statements: readonly JsonObject[];
  readonly keys: readonly string[];
};
const inner = full.statements as unknown as readonly {
  readonly dsseEnvelope: {
    readonly payload: string;
    readonly signatures: readonly [{ readonly sig: string }];
  };
  readonly verificationMaterial: {
    readonly tlogEntries?: readonly [
      {
        readonly canonicalizedBody: string;
        readonly inclusionProof: { readonly checkpoint: { readonly envelope: string } };
      },
    ];
  };
}[];
const payloads = inner.map(({ dsseEnvelope }) => fromBase64(dsseEnvelope.payload)!);
const signatures = inner.map(({ dsseEnvelope }) => fromBase64(dsseEnvelope.signatures[0].sig)!);
const entries = inner.flatMap(({ verificationMaterial }) => verificationMaterial.tlogEntries ?? []);
const bodies = entries.map(({ canonicalizedBody }) => fromBase64(canonicalizedBody)!);
const notes = [
  ...entries.map(({ inclusionProof }) => inclusionProof.checkpoint.envelope),
  ...vectorsIn('note').map(({ text }) => text),
  ...cosigned().map(({ note }) => note),
].map(utf8);
const spkis = full.keys.map((key) => fromBase64(key)!);

function cosigned(): { readonly note: string; readonly witnesses: readonly string[] }[] {
  return vectorsIn('cosignature') as never;
}

const vkeys = [
  ...new Set([
    ...cosigned().flatMap(({ witnesses }) => witnesses),
    ...vectorsIn('note').map((one) => (one as never as { vkey: string }).vkey),
  ]),
];
const witnesses = vkeys
  .flatMap((text) => parseVkey(text).value ?? [])
  .filter(({ type }) => type !== 'ed25519');
const logKeys = vkeys.flatMap((text) => parseVkey(text).value ?? []).filter(({ type }) => type === 'ed25519');

const receipt = stamped(aReceipt());
const { receipt_id, content_hash, timestamp, extensions, ...core } = receipt;
const sidecar = encode(
  {
    core,
    kind: 'aiir.commit_receipt.core',
    type: 'aiir.canonical_object',
    schema: 'aiir/canonical_object.v1',
    object_schema: 'aiir/commit_receipt.v2',
  },
  rfc8949EncodeOptions,
);

const root = new Uint8Array(32).fill(7);
const treeAnchor = anchorTree(
  { origin: 'log.example', size: 5, root },
  { timestamp: 1_800_000_000, consistency: [{ size: 3, hashes: [Uint8Array.from(root)] }] },
);
const recordAnchor = anchorRecord(`sha256:${'ab'.repeat(32)}`, { timestamp: 1_800_000_000 });
const anchors = [treeAnchor.anchor, recordAnchor.anchor];
const opened = anchors.map((anchor) => readAnchor(anchor).value!);
const headers = opened.map(({ header }) => header);
const nodes = opened.flatMap(({ receipt: { proof } }) => proof);
const chainReceipts = opened.map(({ header, receipt: { index, proof } }) => {
  const { receiptsRoot } = readHeader(header).value!;
  return provenValue(receiptsRoot, encodeRlp(index === 0 ? new Uint8Array(0) : Uint8Array.of(index)), proof)
    .value!;
});
const rpcBlock = {
  parentHash: `0x${'00'.repeat(32)}`,
  sha3Uncles: `0x${'00'.repeat(32)}`,
  miner: `0x${'00'.repeat(20)}`,
  stateRoot: `0x${'00'.repeat(32)}`,
  transactionsRoot: `0x${'00'.repeat(32)}`,
  receiptsRoot: `0x${'11'.repeat(32)}`,
  logsBloom: `0x${'00'.repeat(256)}`,
  difficulty: '0x0',
  number: '0x121eac0',
  gasLimit: '0x1c9c380',
  gasUsed: '0x2bf20',
  timestamp: '0x6b49d200',
  extraData: '0x',
  mixHash: `0x${'00'.repeat(32)}`,
  nonce: `0x${'00'.repeat(8)}`,
  baseFeePerGas: '0x7',
  withdrawalsRoot: `0x${'00'.repeat(32)}`,
};
const rpcReceipt = {
  type: '0x2',
  status: '0x1',
  cumulativeGasUsed: '0xea60',
  logsBloom: `0x${'00'.repeat(256)}`,
  logs: [{ address: `0x${'c0'.repeat(20)}`, topics: [`0x${'22'.repeat(32)}`], data: '0x05' }],
};

const [signer] = bundles;
const policy = parsePolicy(signer!.policy!, 'policy');
const byPolicy: Trust = {
  kind: 'policy',
  path: 'trust.toml',
  policy: { ...policy, chain: [{ ...treeAnchor.chain, log_id: undefined } as never] },
};
const trusts: readonly Trust[] = [
  byPolicy,
  { kind: 'unasked' },
  { kind: 'fingerprint', fingerprint: `sha256:${'0'.repeat(64)}` },
];
const NOW = Date.parse('2026-11-21T12:00:00Z');

/** Read by the strict parser first, as everywhere: where that refuses, there is nothing to look at. */
function ofJson(read: (value: JsonValue) => unknown): (input: Bytes) => unknown {
  return (input) => read(parseJsonBytes(input));
}

const ofText =
  (read: (text: string) => unknown) =>
  (input: Bytes): unknown =>
    read(new TextDecoder().decode(input));

/** What a reader accepts it writes again as the very bytes. */
function same(written: Uint8Array | string, input: Uint8Array | string): true {
  const [a, b] = [written, input].map((one) => (typeof one === 'string' ? utf8(one) : one));
  if (!equalBytes(a!, b!)) throw new Error('what was read is written as something else');
  return true;
}

const isObject = (value: JsonValue): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const SMALL = 100_000;

const basics: readonly Target[] = [
  {
    name: 'strict JSON',
    form: 'json',
    seeds: [...textsIn('record'), ...bundles.map(({ text }) => utf8(text))],
    throws: JsonError,
    read: (input) => {
      const value = parseJsonBytes(input);
      const canonical = canonicalBytes(value);
      return canonical.length > SMALL || same(canonicalBytes(parseJsonBytes(canonical)), canonical);
    },
  },
  {
    name: 'Python’s JSON',
    form: 'json',
    seeds: [...filesIn('original'), ...json(receipt)],
    throws: JsonError,
    read: (input) => {
      const text = pythonText(parsePythonJson(input), true);
      // Read again only what is small: what is measured is one reading.
      return text.length > SMALL || same(pythonText(parsePythonJson(utf8(text)), true), text);
    },
  },
  {
    name: 'base64',
    form: 'word',
    seeds: [...full.keys, 'AA==', 'AAA=', ''].map(utf8),
    read: ofText((text) => {
      const bytes = fromBase64(text);
      return bytes && same(toBase64(bytes), text);
    }),
  },
  {
    name: 'hexadecimal',
    form: 'word',
    seeds: words('', '00', 'deadbeef', '0x', '0x00ff', '0x1', `0x${'ab'.repeat(40)}`),
    read: ofText((text) => {
      const [plain, data] = [fromHex(text), fromHexData(text)];
      fromHexQuantity(text);
      if (plain !== undefined) same(toHex(plain), text);
      return data === undefined ? plain : same(toHexData(data), text);
    }),
  },
  {
    name: 'times',
    form: 'word',
    seeds: words(
      '2026-11-21T12:00:00Z',
      '2026-02-29T23:59:59.999999999Z',
      '0000-01-01T00:00:00Z',
      '9999-12-31T23:59:59Z',
    ),
    read: ofText((text) => {
      const ms = parseTime(text);
      if (ms === undefined) return undefined;
      const written = formatTime(ms);
      // Beyond milliseconds a double can round up to the next second.
      return /\.\d{4}/.test(text) || same(written, text.replace(/\.\d+Z$/, 'Z'));
    }),
  },
  {
    name: 'DER and keys',
    form: 'bytes',
    seeds: [...signatures, ...spkis],
    read: async (input) => {
      const raw = fromDer(input);
      if (raw?.some((byte) => byte !== 0)) same(toDer(raw), input);
      const [ed25519, p256, mlDsa] = [spkis, spkis, spkis].map(
        (all, i) => all.toSorted((a, b) => a.length - b.length)[i]!,
      );
      await verifyP256(p256!, input, payloads[0]!);
      await verifyP256(input, signatures[0]!, payloads[0]!);
      await verifyEd25519(input.slice(-32), input.slice(0, 64), ed25519!);
      await verifyMlDsa65(mlDsa!, input, payloads[0]!);
      await verifyMlDsa65(input, signatures[1]!, payloads[0]!);
      await verifyMlDsa44(input, input, payloads[0]!);
      return raw;
    },
  },
  {
    name: 'text to print',
    form: 'word',
    seeds: words('a label', '\u202e\u200b\r\n'),
    read: ofText((text) => printable(text)),
  },
];

function filesIn(folder: string): Bytes[] {
  return readdirSync(here(`${folder}/`))
    .filter((name) => name.endsWith('.json'))
    .map((name) => Uint8Array.from(readFileSync(here(`${folder}/${name}`))));
}

const records: readonly Target[] = [
  {
    name: 'record',
    form: 'json',
    seeds: textsIn('record'),
    throws: JsonError,
    read: ofJson((value) => {
      const { value: record } = readRecord(value);
      isNewerRecord(isObject(value) ? value.schema_version : undefined);
      return record && recordHash(record);
    }),
  },
  {
    name: 'original record',
    form: 'json',
    seeds: filesIn('original'),
    read: (input) => readOriginal(input).value,
  },
  {
    name: 'gate list',
    form: 'json',
    seeds: [
      circuitBytes(buildWorkload(findWorkload('clifford_t_sampling')!, { n_qubits: 2, depth: 3, seed: 7 })),
    ].concat(
      json({
        version: 1,
        qubits: 2,
        bits: 2,
        operations: [
          { op: 'rx', qubits: [0], angles: [0.5] },
          { op: 'measure', qubits: [0], bits: [0] },
          // biome-ignore lint/suspicious/noThenProperty: the gate list's word
          { op: 'if', bits: [0], equals: '1', then: [{ op: 'x', qubits: [1] }], else: [] },
        ],
      }),
    ),
    throws: JsonError,
    read: ofJson((value) => readCircuit(value).value),
  },
];

const bound = JSON.parse(vectorsIn('binding')[0]!.text) as {
  readonly record: { readonly execution: { readonly job: { readonly binding: JsonObject } } };
};
const binding = bound.record.execution.job.binding as unknown as Binding;
const uuid = `108e9186e8c5677a${'cd'.repeat(32)}`;
const inRekor: Binding = {
  runtime: { provider: 'qiskit-runtime', session_id: 'session-123' },
  provenance: { ...binding.provenance, transparency_entry: { log: 'rekor', uuid, log_index: 123456 } },
};

const plainResult = (data: object): object => ({ results: [{ data, metadata: {} }], metadata: {} });
const array = npyFile(
  "{'descr': '|u1', 'fortran_order': False, 'shape': (4, 1), }",
  Uint8Array.of(3, 0, 3, 1),
);
const typed = (type: string, value: unknown): object => ({ __type__: type, __value__: value });
const bitArray = typed('BitArray', {
  array: typed('ndarray', toBase64(deflateSync(array))),
  num_bits: 2,
});
const encodedResult = typed('PrimitiveResult', {
  pub_results: [
    typed('SamplerPubResult', {
      data: typed('DataBin', { field_names: ['c'], shape: [], fields: { c: bitArray } }),
      metadata: {},
    }),
  ],
  metadata: {},
});

function npyFile(header: string, data: Uint8Array): Uint8Array {
  const padded = `${header.padEnd(117)}\n`;
  return Uint8Array.from([
    ...[0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, padded.length, 0],
    ...utf8(padded),
    ...data,
  ]);
}

/** What a verifier lets an answer take. */
const inflation = () => ({ inflate: inflateZlib, left: 2 ** 22 });
const RESULTS = { bytes: 50_000_000, depth: 64, items: 5_000_000 };

const jobs: readonly Target[] = [
  {
    name: 'binding',
    form: 'json',
    seeds: json(binding, inRekor),
    throws: JsonError,
    read: ofJson((value) => {
      const { value: read } = readBinding(value);
      if (read === undefined) return undefined;
      const { log, uuid: named } = read.provenance.transparency_entry;
      return named === undefined && log.length > 60
        ? read
        : same(tagsOfBinding(read.provenance).join(), tagsAgain(tagsOfBinding(read.provenance)));
    }),
  },
  {
    name: 'job’s tags',
    form: 'lines',
    seeds: [binding, inRekor].map(({ provenance }) =>
      utf8(['sweep', ...tagsOfBinding(provenance)].join('\n')),
    ),
    read: ofText((text) => {
      const tags = text.split('\n');
      return bindingTagsAmong(tags).found && tagsAgain(tags);
    }),
  },
  {
    name: 'job’s results',
    form: 'json',
    seeds: json(
      plainResult({ c: { samples: ['0x3', '0x0'], num_bits: 2 } }),
      plainResult({ evs: [0.5], stds: [0.1] }),
      encodedResult,
    ),
    read: (input) => readResults(input, RESULTS, inflation()).form !== 'unknown',
  },
  {
    name: 'NumPy array',
    form: 'bytes',
    seeds: [array, npyFile("{'descr': '<f8', 'fortran_order': True, 'shape': (1, 2), }", new Uint8Array(16))],
    read: (input) => {
      try {
        return readNpy(input);
      } catch (error) {
        if (error instanceof Undecodable) return undefined;
        throw error;
      }
    },
  },
];

/** What tags say, written as tags. */
function tagsAgain(tags: readonly string[]): string {
  const { found: told, fault } = bindingTagsAmong(tags);
  if (told === undefined) throw new Error(`tags that were written are not read: ${fault}`);
  const entry = told.transparency_entry;
  const transparency_entry =
    entry.uuid === undefined ? entry : { log: 'rekor', uuid: entry.uuid, log_index: 0 };
  return tagsOfBinding({ aiir_statement: told.aiir_statement, transparency_entry }).join();
}

const attestations: readonly Target[] = [
  {
    name: 'Sigstore bundle',
    form: 'json',
    seeds: [...textsIn('statement'), ...textsIn('log'), ...textsIn('time')],
    throws: JsonError,
    read: ofJson((value) => isSigstoreBundle(value) && readSigstoreBundle(value).value),
  },
  { name: 'in-toto statement', form: 'json', seeds: payloads, read: (input) => readStatement(input).value },
  {
    name: 'receipts',
    form: 'json',
    seeds: [...json(receipt, [receipt, receipt]), ...payloads],
    read: (input) => {
      looksLikeReceipts(input);
      const { value } = readReceipts(input);
      for (const { receipt } of value?.found ?? []) {
        receiptNotes(receipt);
        checkReceiptHash(receipt);
        checkSidecar(receipt, sidecar);
      }
      return value;
    },
  },
  { name: 'receipt’s CBOR', form: 'cbor', seeds: [sidecar], read: (input) => readCoreCbor(input).value },
  {
    name: 'AI declaration',
    form: 'word',
    seeds: words('tool=cursor,model=gpt-5', 'tool=x', 'model=y,tool=z'),
    throws: QpoeError,
    read: ofText(readAiDeclaration),
  },
  {
    name: 'AI trailers',
    form: 'lines',
    seeds: words(
      'Claude Opus 4.5 <noreply@anthropic.com>\nco-authored-by\nassisted-by\naider (gpt-4o)\ncopilot-swe-agent[bot]\n1+copilot[bot]@users',
    ),
    read: ofText((text) => {
      const lines = text.split('\n');
      const trailers = lines.map((value, i) => ({ key: lines[i + 1] ?? 'co-authored-by', value }));
      const [name = '', email = ''] = lines;
      return findAiSignals(
        [...trailers, { key: 'co-authored-by', value: name }],
        { name, email },
        { name: email, email: name },
        undefined,
      );
    }),
  },
  {
    name: 'manifest',
    form: 'json',
    seeds: json([
      { digest: `sha256:${'0'.repeat(64)}`, path: 'run.py' },
      { digest: `sha256:${'1'.repeat(64)}`, path: 'circuits/bell.qasm' },
    ]),
    throws: QpoeError,
    read: (input) => {
      // Its callers make the list: of the form, that much is given.
      const value = orUndefined(() => parseJsonBytes(input));
      const files = Array.isArray(value)
        ? value.filter(
            (one) => isObject(one) && typeof one.path === 'string' && typeof one.digest === 'string',
          )
        : [];
      return makeManifest(files.map((one) => ({ path: one.path, digest: one.digest as never })));
    },
  },
  {
    name: 'trusted root',
    form: 'json',
    seeds: words(PUBLIC_GOOD_ROOT),
    read: ofText((text) => readRekorLogs(text).value),
  },
];

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof JsonError) return undefined;
    throw error;
  }
}

const chains: readonly Target[] = [
  {
    name: 'anchor',
    form: 'json',
    seeds: json(...anchors),
    throws: JsonError,
    read: ofJson((value) => {
      if (!isObject(value)) return undefined;
      const { value: anchor } = readAnchor(value);
      if (anchor !== undefined) openAnchor(anchor);
      const head = { log: '', origin: 'log.example', index: 0, size: '3', root: toBase64(root) };
      return judgeAnchor(value, `sha256:${'ab'.repeat(32)}`, [head], byPolicy).value;
    }),
  },
  {
    name: 'RLP',
    form: 'rlp',
    seeds: [...headers, ...nodes],
    read: (input) => {
      const { value } = decodeRlp(input);
      if (value === undefined) return undefined;
      for (const item of isList(value) ? value : [value]) [readCount(item), readInteger(item, 32)];
      return same(encodeRlp(value), input);
    },
  },
  { name: 'block header', form: 'rlp', seeds: headers, read: (input) => readHeader(input).value },
  {
    name: 'chain’s receipt',
    form: 'rlp',
    seeds: [...chainReceipts, ...chainReceipts.map((one) => one.slice(1))],
    read: (input) => {
      const { value } = readChainReceipt(input);
      for (const log of value?.logs ?? []) [readCheckpointEvent(log), readSubmittedEvent(log)];
      return value;
    },
  },
  {
    name: 'trie proof',
    form: 'rlp',
    seeds: nodes,
    read: (input) => {
      // Of one node or of two, so that its hash holds and it is looked into.
      provenValue(keccak256(input), Uint8Array.of(1), [input, ...nodes]);
      const prefix = decodeHexPrefix(input);
      if (prefix !== undefined) same(encodeHexPrefix(prefix), input);
      return provenValue(keccak256(input), Uint8Array.of(1), [input]).value;
    },
  },
  {
    name: 'node’s block',
    form: 'json',
    seeds: json(rpcBlock),
    throws: JsonError,
    read: ofJson((value) => isObject(value) && encodeHeader(value).value),
  },
  {
    name: 'node’s receipt',
    form: 'json',
    seeds: json(rpcReceipt, {
      ...rpcReceipt,
      type: '0x7e',
      depositNonce: '0x1',
      depositReceiptVersion: '0x1',
    }),
    throws: JsonError,
    read: ofJson((value) => isObject(value) && encodeReceipt(value).value),
  },
];

const logs: readonly Target[] = [
  {
    name: 'note and cosignatures',
    form: 'lines',
    seeds: notes,
    read: async (input) => {
      const { value: note } = parseNote(input);
      if (note === undefined) return undefined;
      for (const { signature } of note.signatures) readTimedSignature(signature);
      await collectCosignatures(note, witnesses);
      return same(formatNote(note), input);
    },
  },
  {
    name: 'checkpoint',
    form: 'lines',
    seeds: notes.map((note) => utf8(fromUtf8(note)!.split('\n\n')[0] + '\n')),
    read: ofText((text) => parseCheckpoint(text).value),
  },
  {
    name: 'verifier key',
    form: 'word',
    seeds: vkeys.map(utf8),
    read: ofText((text) => {
      const { value } = parseVkey(text);
      return value && same(formatVkey(value), text);
    }),
  },
  {
    name: 'log proof',
    form: 'lines',
    seeds: textsIn('tlog-proof'),
    read: (input) => {
      const { value } = parseLogProof(input);
      if (value === undefined) return undefined;
      const leaf = Uint8Array.from(root);
      for (const size of [1, 2, 7, 2 ** 40]) {
        findInclusionFault({ leaf, index: value.index, size, root: leaf }, value.hashes);
        findConsistencyFault(
          { oldSize: value.index, oldRoot: leaf, newSize: size, newRoot: leaf },
          value.hashes,
        );
      }
      return same(formatLogProof(value), input);
    },
  },
  {
    name: 'tlog-policy',
    form: 'lines',
    seeds: [
      utf8(
        [
          ...logKeys
            .slice(0, 2)
            .map(({ name, ...key }) => `log ${formatVkey({ name, ...key })} https://log.example/`),
          ...witnesses.slice(0, 3).map((vkey, i) => `witness w${i} ${formatVkey(vkey)}`),
          '# a comment',
          'group g any w0 w1',
          'group h all w2',
          'group both 1 g h',
          'quorum both',
          '',
        ].join('\n'),
      ),
      utf8('quorum none\n'),
    ],
    hostile: [
      { name: 'groups in groups', make: () => utf8(nestedGroups()) },
      { name: 'a group of many', make: () => utf8(oneGroup()) },
    ],
    read: (input) => parseTlogPolicy(input).value,
  },
  {
    name: 'witness’s request',
    form: 'lines',
    seeds: notes
      .slice(0, 6)
      .map((note) => formatAddCheckpoint({ oldSize: 1, proof: [root], checkpoint: note })),
    read: async (input) => {
      parseTreeSize(input);
      await openSubmission(input, logKeys);
      return parseAddCheckpoint(input).value;
    },
  },
  {
    name: 'entry bundle',
    form: 'bytes',
    seeds: [formatEntryBundle(bodies), formatEntryBundle(payloads)],
    read: (input) => {
      for (const width of [1, 2, 4, 256]) {
        const { value } = parseEntryBundle(input, width);
        if (value !== undefined) return same(formatEntryBundle(value), input);
      }
      return undefined;
    },
  },
  {
    name: 'tiles',
    form: 'bytes',
    seeds: [new Uint8Array(32 * 7).fill(3)],
    read: (input) => readProof(planConsistency(3, 7), 7, () => input).value ?? tileAt(0, 0, input.length),
  },
  {
    name: 'tile path',
    form: 'word',
    seeds: words('tile/0/x001/x234/067', 'tile/entries/000.p/7', 'tile/63/999', 'tile/1/x123/456.p/255'),
    read: ofText((text) => {
      const tile = parseTilePath(text);
      return tile && same(tilePath(tile), text);
    }),
  },
  {
    name: 'log entry’s body',
    form: 'json',
    seeds: bodies,
    read: (input) => {
      const subject = {
        envelope: { payloadType: 'x', payload: payloads[0]!, signature: signatures[0]! },
        spki: spkis[0]!,
      };
      for (const [kind, version] of [
        ['hashedrekord', '0.0.2'],
        ['hashedrekord', '0.0.1'],
        ['dsse', '0.0.1'],
      ] as const)
        checkRekorBody(
          { kindVersion: { kind, version }, canonicalizedBody: toBase64(input) } as never,
          subject,
        );
      const { value } = parseHashedRekord(input);
      return value && same(formatHashedRekord(value), input);
    },
  },
];

/** Of a key of its own for each, as every one is looked at. */
function witnessLine(i: number): string {
  const publicKey = new Uint8Array(32).fill(9);
  new DataView(publicKey.buffer).setUint32(0, i);
  return `witness w${i} ${formatVkey(makeVkey('w', 'cosignature-ed25519', publicKey))}\n`;
}

/** Each holds the one before, and a witness: a reader that copies lists needs the square of them. */
function nestedGroups(): string {
  const lines = Array.from({ length: 9_000 }, (_, i) =>
    i === 0 ? `${witnessLine(0)}group g0 all w0\n` : `${witnessLine(i)}group g${i} all g${i - 1} w${i}\n`,
  );
  return `${lines.join('')}quorum g${lines.length - 1}\n`;
}

function oneGroup(): string {
  const count = 10_000;
  const names = Array.from({ length: count }, (_, i) => `w${i}`);
  return `${names.map((_, i) => witnessLine(i)).join('')}group g all ${names.join(' ')}\nquorum g\n`;
}

const LIMIT = 64;
const MOST_ENTRIES = 32;

/** A bundle whose list is as long as it may be, of items that differ. */
function crowded(name: 'keys' | 'statements' | 'anchors'): Bytes {
  const numbered = Array.from({ length: LIMIT }, (_, i) => i);
  const made = {
    keys: numbered.map((i) => {
      const spki = Uint8Array.from(spkis[i % spkis.length]!);
      spki[spki.length - 1] = i;
      return toBase64(spki);
    }),
    statements: numbered.map((i) => manyEntries(full.statements[i % full.statements.length]!, i)),
    anchors: numbered.map((i) => ({ ...anchors[0], log_index: i })),
  };
  return utf8(JSON.stringify({ ...full, [name]: made[name] }));
}

/** The statement, whose signature holds, with as many entries as fit into a megabyte. */
function manyEntries(statement: JsonObject, i: number): JsonObject {
  const { tlogEntries: _, ...material } = statement.verificationMaterial as JsonObject;
  const size = LIMIT * JSON.stringify(entries[0]).length;
  const count = Math.min(MOST_ENTRIES, Math.floor(600_000 / size));
  const tlogEntries = Array.from({ length: count }, (_, j) => ({
    ...(entries[0] as unknown as JsonObject),
    integratedTime: String(i * MOST_ENTRIES + j + 1),
  }));
  return { ...statement, verificationMaterial: { ...material, tlogEntries } };
}

const verifiers: readonly Target[] = [
  {
    name: 'policy',
    form: 'lines',
    seeds: [...new Set([...bundles, ...vectorsIn('time')].map(({ policy }) => policy!))]
      .map(utf8)
      .concat(
        words(
          'version = 1\n[[chain]]\nname = "base"\nchain_id = 8453\ncontract = "0x' +
            'ab'.repeat(20) +
            '"\nblocks = [ { number = 1, hash = "0x' +
            'cd'.repeat(32) +
            '" } ]\n[require]\nskew = "5m"\n[require.bundle]\nlog = true\nexisted_by = 2027-01-01T00:00:00Z\n',
        ),
      ),
    throws: QpoeError,
    read: ofText((text) => parsePolicy(text, 'trust.toml')),
  },
  {
    name: 'evidence bundle',
    form: 'json',
    seeds: bundles.map(({ text }) => utf8(text)),
    throws: JsonError,
    read: ofJson((value) => {
      isReceiptLike(value);
      isOriginalLike(value);
      return isBundleLike(value) && readBundle(value).value;
    }),
  },
  {
    name: 'verify',
    form: 'json',
    seeds: [
      ...bundles.map(({ text }) => utf8(text)),
      ...textsIn('binding'),
      ...json({ ...full, anchors }),
      ...textsIn('record'),
      ...textsIn('statement'),
      ...textsIn('time'),
      ...filesIn('original'),
      ...json(receipt),
    ],
    hostile: [
      { name: 'as many keys as there may be', make: () => crowded('keys') },
      { name: 'as many statements as there may be', make: () => crowded('statements') },
      { name: 'as many anchors as there may be', make: () => crowded('anchors') },
    ],
    read: async (input) => {
      const verdicts = [];
      for (const trust of trusts) verdicts.push(await verifyBytes(input, trust, NOW));
      // Only what is whole may pass, and then it says so under each of them.
      return verdicts.some(({ checks }) => checks.length > 1);
    },
  },
];

export const TARGETS: readonly Target[] = [
  ...basics,
  ...records,
  ...jobs,
  ...attestations,
  ...chains,
  ...logs,
  ...verifiers,
];
