/** `qpoe log`: the store's own transparency log, and what it proves. */

import { formatLogEntry } from '../../attest/log-entry.ts';
import { keyHint } from '../../attest/sigstore-bundle.ts';
import { type Bytes, fromUtf8, toBase64, utf8 } from '../../core/bytes.ts';
import { QpoeError } from '../../core/error.ts';
import { printable } from '../../core/printable.ts';
import { readOwnPolicy } from '../../store/home.ts';
import { hasIdentity, readIdentity, spki } from '../../store/identity.ts';
import { hasLog } from '../../store/log.ts';
import { proveConsistency } from '../../store/log-read.ts';
import { openStore } from '../../store/store.ts';
import { parseCount } from '../../tlog/checkpoint.ts';
import { formatLogProof } from '../../tlog/proof.ts';
import { trustedRoot } from '../../tlog/trusted-root.ts';
import { formatVkey, hashVkey, type Vkey } from '../../tlog/vkey.ts';
import { findStatementKey } from '../../verify/trust.ts';
import { type Context, readPassphrase } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { checkOut, writeOut } from '../output.ts';
import { type Enterable, enterStatements, openOwnLog, readEnterable } from './enter-log.ts';
import { logFolder } from './log-place.ts';
import { openReadable, proveEntry, type ReadableLog } from './readable-log.ts';

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
  const log = await openForReading(context);
  const index = parseCount(what) ?? indexIn(what, log.vkey);
  const proven = proveEntry(log, index);
  const proof = formatLogProof({ index, hashes: proven.hashes, checkpoint: log.note });
  const output = sigstore === true ? utf8(`${JSON.stringify(formatLogEntry(proven), null, 2)}\n`) : proof;
  if (out !== undefined) writeOut(out, output);
  else if (!context.json) process.stdout.write(output);
  context.answer('log-prove', {
    index,
    proof: fromUtf8(proof),
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

async function openForReading(context: Context): Promise<ReadableLog> {
  const folder = logFolder(openStore(context.storePath));
  if (!hasLog(folder)) throw new QpoeError('usage', `no log at ${folder}`, '`qpoe run` makes one');
  return openReadable(context, folder);
}
