/** `qpoe log`: the store's own transparency log, and what it proves. */

import { join } from 'node:path';
import { formatLogEntry } from '../attest/log-entry.ts';
import { keyHint } from '../attest/sigstore-bundle.ts';
import { type Bytes, fromUtf8, toBase64, utf8 } from '../core/bytes.ts';
import { QpoeError } from '../core/error.ts';
import { printable } from '../core/printable.ts';
import { readOwnPolicy } from '../store/home.ts';
import { hasIdentity, readIdentity, spki } from '../store/identity.ts';
import { hasLog } from '../store/log.ts';
import { proveConsistency, proveInclusion, readCheckpoint, readEntry } from '../store/log-read.ts';
import { openStore } from '../store/store.ts';
import { type Checkpoint, openCheckpoint, parseCount } from '../tlog/checkpoint.ts';
import { findInclusionFault, leafHash } from '../tlog/merkle.ts';
import { formatLogProof } from '../tlog/proof.ts';
import { trustedRoot } from '../tlog/trusted-root.ts';
import { formatVkey, hashVkey, type Vkey } from '../tlog/vkey.ts';
import { findStatementKey } from '../verify/trust.ts';
import { type Context, readPassphrase } from './context.ts';
import { type Enterable, enterStatements, openOwnLog, readEnterable } from './enter-log.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { findLogKey, logFolder } from './log-place.ts';
import { checkOut, writeOut } from './output.ts';

export interface AppendOptions {
  /** A Rekor, instead of the store's own log. */
  readonly rekorUrl?: string;
  readonly rekorVersion?: string;
  /** Where a v2 Rekor's tiles are read, if not at its own address. */
  readonly rekorReadUrl?: string;
}

export async function appendFiles(
  context: Context,
  paths: readonly string[],
  options: AppendOptions,
): Promise<ExitCode> {
  const store = openStore(context.storePath);
  const signed = paths
    .map(readEnterable)
    .map((statement) => ({ ...statement, spki: findKey(context, statement) }));
  const entered =
    options.rekorUrl === undefined
      ? await enterStatements(openOwnLog(context, store), signed)
      : await (await import('./enter-rekor.ts')).enterRekor(context, signed, {
          ...options,
          rekorUrl: options.rekorUrl,
        });
  for (const { path, log, index, existed } of entered)
    context.say(`entry ${index} of ${printable(log)}${existed ? ', there already' : ''}  ${path}`);
  context.answer('log-append', { entries: entered });
  return EXIT.pass;
}

/** The P-256 key that an envelope names: the identity's, or one of the policy's. */
function findKey({ home, environment }: Context, { envelope, path }: Enterable): Bytes {
  const policy = readOwnPolicy(home);
  const trusted =
    policy === undefined
      ? undefined
      : findStatementKey({ kind: 'policy', policy, path: home.policy }, envelope.keyid);
  if (trusted?.algorithm === 'p256') return trusted.spki;
  if (hasIdentity(home)) {
    const own = spki(readIdentity(home, readPassphrase(environment)).p256);
    if (keyHint(own) === envelope.keyid) return own;
  }
  throw new QpoeError(
    'usage',
    `${path} is signed by key ${envelope.keyid}, and no P-256 key of yours or of your policy is that`,
    'add its signer to your policy, or give the P-256 statement',
  );
}

export interface ProveOptions {
  /** As a Sigstore bundle's `tlogEntries` holds it. */
  readonly sigstore?: boolean;
  readonly out?: string;
}

/** The proof of an entry in the tree of the log's newest checkpoint, checked before it is passed on. */
export async function prove(
  context: Context,
  what: string,
  { sigstore, out }: ProveOptions,
): Promise<ExitCode> {
  checkOut(out);
  const { folder, vkey, checkpoint, note } = await openForReading(context);
  const index = parseCount(what) ?? indexIn(what, vkey);
  const body = readEntry(folder, index);
  const hashes = proveInclusion(folder, index, checkpoint.size);
  const { size, root } = checkpoint;
  const fault = findInclusionFault({ leaf: leafHash(body), index, size, root }, hashes);
  if (fault !== undefined) throw damaged(folder, fault.fault);
  const proven = { logId: hashVkey(vkey), index, size, root, hashes, checkpoint: fromUtf8(note)!, body };
  const output =
    sigstore === true
      ? utf8(`${JSON.stringify(formatLogEntry(proven), null, 2)}\n`)
      : formatLogProof({ index, hashes, checkpoint: note });
  if (out !== undefined) writeOut(out, output);
  else if (!context.json) process.stdout.write(output);
  context.answer('log-prove', {
    index,
    proof: fromUtf8(formatLogProof({ index, hashes, checkpoint: note })),
    tlog_entry: formatLogEntry(proven),
  });
  return EXIT.pass;
}

/** What an entered statement's own file says. */
function indexIn(path: string, vkey: Vkey): number {
  const id = toBase64(hashVkey(vkey));
  const { entries } = readEnterable(path);
  const entry = entries.find(({ logId }) => logId.keyId === id);
  if (entry === undefined)
    throw new QpoeError('usage', `${path} is no entry of ${vkey.name}`, `qpoe log append ${path}`);
  return Number(entry.logIndex);
}

export async function checkpoint(context: Context): Promise<ExitCode> {
  const { note, vkey, checkpoint: opened } = await openForReading(context);
  context.say(fromUtf8(note)!.trimEnd());
  context.answer('log-checkpoint', {
    origin: opened.origin,
    size: opened.size,
    root: toBase64(opened.root),
    vkey: formatVkey(vkey),
    checkpoint: fromUtf8(note),
  });
  return EXIT.pass;
}

export async function consistency(context: Context, from: string, to: string): Promise<ExitCode> {
  const [oldSize, newSize] = [from, to].map((text) => parseCount(text) ?? Number.NaN) as [number, number];
  const { folder } = await openForReading(context);
  if (!(oldSize >= 1 && oldSize <= newSize))
    throw new QpoeError(
      'usage',
      `${from} and ${to} are no two sizes of a log`,
      'give the smaller first, from 1 on',
    );
  const hashes = proveConsistency(folder, oldSize, newSize);
  for (const hash of hashes) context.say(toBase64(hash));
  if (hashes.length === 0) context.note('equal sizes: there is nothing to prove');
  context.answer('log-consistency', { old_size: oldSize, new_size: newSize, hashes: hashes.map(toBase64) });
  return EXIT.pass;
}

/** For cosign and sigstore-js. A log's key is good from its first entry on, whenever that was. */
export async function printTrustedRoot(
  context: Context,
  { out }: { readonly out?: string },
): Promise<ExitCode> {
  checkOut(out);
  const { vkey } = await openForReading(context);
  const text = trustedRoot(vkey, '1970-01-01T00:00:00Z');
  if (out !== undefined) writeOut(out, utf8(text));
  else if (!context.json) process.stdout.write(text);
  context.answer('log-trusted-root', { log: vkey.name, trusted_root: JSON.parse(text) });
  return EXIT.pass;
}

interface Readable {
  readonly folder: string;
  readonly vkey: Vkey;
  readonly checkpoint: Checkpoint;
  /** Signed. */
  readonly note: Bytes;
}

async function openForReading(context: Context): Promise<Readable> {
  const folder = logFolder(openStore(context.storePath));
  if (!hasLog(folder)) throw new QpoeError('usage', `no log at ${folder}`, '`qpoe run` makes one');
  const note = readCheckpoint(folder);
  const vkey = findLogKey(context, note, undefined);
  const opened = await openCheckpoint(note, vkey);
  if (opened.fault !== undefined) throw damaged(join(folder, 'checkpoint'), opened.fault);
  return { folder, vkey, checkpoint: opened.value.checkpoint, note };
}

function damaged(place: string, reason: string): QpoeError {
  return new QpoeError('refused', `${place}: ${reason}`, '`qpoe log fsck` checks every file of the log');
}
