/**
 * `qpoe bundle unpack`: a bundle's parts as files that other tools read. Every name is made here: of numbers, and of digests and
 * keys that were read as such, so that nothing in a bundle names a file.
 */

import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { LogEntry } from '../../attest/log-entry.ts';
import { isSigstoreBundle, keyHint, readSigstoreBundle } from '../../attest/sigstore-bundle.ts';
import { type Bytes, fromBase64, toHex, utf8 } from '../../core/bytes.ts';
import { sha256 } from '../../core/digest.ts';
import { QpoeError } from '../../core/error.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { coreBytes, recordText } from '../../record/record.ts';
import { fileError, lookAt, makeFolder } from '../../store/files.ts';
import { formatLogProof } from '../../tlog/proof.ts';
import {
  decodeArtifact,
  type EvidenceBundle,
  type ForeignReceipt,
  inOrder,
  readKey,
} from '../../verify/bundle.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { type ReadBundleFile, readBundleFile } from '../show/read-bundle.ts';

export interface UnpackOptions {
  /** A folder that is not there yet. */
  readonly out?: string;
}

/** Relative path → content. */
type Files = Map<string, Uint8Array>;

export function unpack(context: Context, path: string, { out }: UnpackOptions): ExitCode {
  const folder = out ?? `${basename(path).replace(/(?:\.qpoe)?\.json$/, '')}.unpacked`;
  refuseFolder(folder);
  const files = listFiles(readBundleFile(path));
  writeFolder(folder, files);
  for (const name of files.keys()) context.say(join(folder, name));
  context.note(
    `${join(folder, 'README.txt')} says which tool reads what; nothing was judged: qpoe verify ${path}`,
  );
  context.answer('bundle-unpack', { folder, files: [...files.keys()] });
  return EXIT.pass;
}

function refuseFolder(folder: string): void {
  if (folder === '' || lookAt(folder) !== undefined)
    throw new QpoeError('usage', `${folder || '--out'}: not a new folder`, 'name one that is not there yet');
  if (lookAt(dirname(resolve(folder)))?.isDirectory() !== true)
    throw new QpoeError('usage', `can't write ${folder}: no such folder`, `make ${dirname(folder)} first`);
}

/** All of it or nothing: made beside its place, then renamed. A copy, so nothing waits for the disk. */
function writeFolder(folder: string, files: Files): void {
  const made = join(dirname(resolve(folder)), `.tmp-${toHex(crypto.getRandomValues(new Uint8Array(8)))}`);
  try {
    mkdirSync(made);
    for (const [name, bytes] of files) {
      if (name.includes('/')) makeFolder(dirname(join(made, name)));
      writeFileSync(join(made, name), bytes, { flag: 'wx' });
    }
    renameSync(made, folder);
  } catch (error) {
    rmSync(made, { recursive: true, force: true });
    throw error instanceof QpoeError ? error : fileError('external', 'write', folder, error);
  }
}

function listFiles({ bundle, record }: ReadBundleFile): Files {
  const files: Files = new Map();
  files.set('README.txt', utf8(README));
  files.set('record.json', utf8(recordText(record)));
  files.set('record.core.json', coreBytes(record));
  for (const [digest, artifact] of Object.entries(bundle.artifacts))
    files.set(`artifacts/${digest.slice('sha256:'.length)}`, decodeArtifact(artifact)!);
  for (const [n, statement] of inOrder(bundle.statements).entries())
    addStatement(files, n + 1, statement, bundle);
  for (const [n, receipt] of inOrder(bundle.receipts as readonly (ForeignReceipt & JsonObject)[]).entries())
    addReceipt(files, n + 1, receipt);
  for (const key of inOrder(bundle.keys)) addKey(files, key);
  for (const [n, { over, rfc3161 }] of inOrder(bundle.timestamps as never[] as Stamp[]).entries())
    files.set(`timestamps/${n + 1}-${over.slice('sha256:'.length)}.tsr`, fromBase64(rfc3161)!);
  for (const [n, anchor] of inOrder(bundle.anchors).entries())
    files.set(`anchors/${n + 1}.json`, pretty(anchor));
  return files;
}

type Stamp = JsonObject & { readonly over: string; readonly rfc3161: string };

/** As it stands in the bundle: what was signed in it is untouched. */
function addStatement(files: Files, n: number, statement: JsonObject, bundle: EvidenceBundle): void {
  const { value } = isSigstoreBundle(statement) ? readSigstoreBundle(statement) : {};
  const by = value?.kind === 'keyed' ? nameKey(value.envelope.keyid, bundle) : 'certificate';
  const name = `statements/${n}-${by}`;
  files.set(`${name}.sigstore.json`, utf8(`${JSON.stringify(statement)}\n`));
  if (value?.envelope !== undefined) files.set(`${name}.payload.json`, value.envelope.payload);
  if (value?.kind !== 'keyed') return;
  files.set(`${name}.sig`, value.envelope.signature);
  for (const [i, entry] of value.tlogEntries.entries()) addLogEntry(files, `log/${n}.${i + 1}`, entry);
}

function addLogEntry(files: Files, name: string, { canonicalizedBody, inclusionProof }: LogEntry): void {
  const checkpoint = utf8(inclusionProof.checkpoint.envelope);
  const hashes = inclusionProof.hashes.map((hash) => fromBase64(hash)!);
  const index = Number(inclusionProof.logIndex);
  files.set(`${name}.entry`, fromBase64(canonicalizedBody)!);
  files.set(`${name}.checkpoint`, checkpoint);
  files.set(`${name}.tlog-proof`, formatLogProof({ index, hashes, checkpoint }));
}

function addReceipt(files: Files, n: number, receipt: ForeignReceipt): void {
  files.set(`receipts/${n}/receipt.json`, decodeArtifact(receipt)!);
  if (receipt.signature !== undefined)
    files.set(`receipts/${n}/receipt.json.sigstore`, utf8(`${JSON.stringify(receipt.signature)}\n`));
}

function addKey(files: Files, text: string): void {
  const { algorithm, spki } = readKey(text)!;
  const lines = text.match(/.{1,64}/g)!.join('\n');
  const pem = `-----BEGIN PUBLIC KEY-----\n${lines}\n-----END PUBLIC KEY-----\n`;
  files.set(`keys/${algorithm}-${shortHash(spki)}.pem`, utf8(pem));
}

/** As its file in `keys/` is named, if the bundle carries the key. */
function nameKey(hint: string, { keys }: EvidenceBundle): string {
  const key = keys.map((text) => readKey(text)!).find(({ spki }) => keyHint(spki) === hint);
  return key === undefined
    ? `key-${toHex(fromBase64(hint)!).slice(0, 16)}`
    : `${key.algorithm}-${shortHash(key.spki)}`;
}

function shortHash(spki: Bytes): string {
  return toHex(sha256(spki)).slice(0, 16);
}

function pretty(value: JsonValue): Bytes {
  return utf8(`${JSON.stringify(value, null, 2)}\n`);
}

const README = `The parts of an evidence bundle, as files. Unpacking judged nothing: qpoe verify BUNDLE does.
The keys here came with the evidence. Whose they are, only someone you trust can tell you.

record.json            the record; record.core.json is what its hash and statements are of
artifacts/<sha256>     what the record names by digest: sha256sum tells whether it is that
statements/*.sigstore.json
                       Sigstore bundles v0.3, one signature each; beside each its payload (.payload.json) and signature (.sig)
  cosign verify-blob-attestation --key keys/p256-<id>.pem --bundle statements/<n>-p256-<id>.sigstore.json \\
    --type https://quantum-proof-of-execution.dev/predicates/execution-record/v1 --insecure-ignore-tlog record.core.json
  with --trusted-root FILE instead of --insecure-ignore-tlog the log entry is checked too; whoever keeps the log prints that file
  (qpoe log trusted-root)
log/*                  of each log entry: the entry, the signed checkpoint (C2SP tlog-checkpoint), the proof (C2SP tlog-proof)
keys/*.pem             public keys; openssl pkey -pubin -in FILE -text
receipts/<n>/          AIIR receipts that came without a statement, as they came
timestamps/*.tsr       RFC 3161 answers over the signature whose SHA-256 stands in the name
  openssl ts -reply -in FILE -text
anchors/<n>.json       blocks' headers (RLP), receipts with their Merkle-Patricia proofs, and consistency proofs
`;
