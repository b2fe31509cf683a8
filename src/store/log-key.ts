/**
 * What the home keeps of each own log:
 *
 *     logs/<origin>/key.pem       Ed25519, PKCS#8, mode 0600, under the identity's passphrase where there is one
 *     logs/<origin>/vkey          the public half, readable without the passphrase
 *     logs/<origin>/checkpoint    the last one signed: nothing inconsistent with it is ever signed
 *     logs/<origin>/lock          the writers' lock
 */

import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Bytes, toHex, utf8 } from '../core/bytes.ts';
import { sha256 } from '../core/digest.ts';
import { QpoeError } from '../core/error.ts';
import { printable } from '../core/printable.ts';
import { emptyRoot } from '../tlog/merkle.ts';
import { MAX_NOTE_BYTES } from '../tlog/note.ts';
import { formatVkey, makeVkey, parseVkey, type Vkey } from '../tlog/vkey.ts';
import {
  fileError,
  isTemporary,
  lookAt,
  makeFolder,
  readOwn,
  syncFolder,
  writeAtomic,
  writeDurable,
} from './files.ts';
import { type Home, OTHERS_WRITE, readHomeFile, refuseUnsafe } from './home.ts';
import { exportKey, rawEd25519, readKey } from './identity.ts';
import { openSignedCheckpoint, type SignedCheckpoint, signCheckpoint } from './log-checkpoint.ts';
import { listFolder } from './log-files.ts';

export interface LogKey {
  readonly key: KeyObject;
  readonly vkey: Vkey;
  /** The log's folder in the home. */
  readonly folder: string;
}

/** A provider's job tag holds `tlog:<index>@<origin>` in 86 characters. */
const MAX_ORIGIN = 64;
const HOST_NAME = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/;

function logsFolder(home: Home): string {
  return join(home.path, 'logs');
}

/** Sigstore's clients want a host name; and it names a folder, so that nothing else may pass. */
function logFolder(home: Home, origin: string): string {
  if (origin.length > MAX_ORIGIN || !HOST_NAME.test(origin))
    throw new QpoeError(
      'usage',
      `"${printable(origin.slice(0, 2 * MAX_ORIGIN))}" can't be a log's origin`,
      `a host name: at most ${MAX_ORIGIN} lowercase letters, digits, dots and hyphens`,
    );
  return join(logsFolder(home), origin);
}

/** @param origin by default one that no other log has */
export function createLogKey(home: Home, passphrase: string | undefined, origin?: string): LogKey {
  const key = generateKeyPairSync('ed25519').privateKey;
  const vkey = makeVkey(origin ?? uniqueOrigin(rawEd25519(key)), 'ed25519', rawEd25519(key));
  const folder = logFolder(home, vkey.name);
  if (lookAt(folder) !== undefined) return readUnusedKey(home, passphrase, vkey.name);
  makeFolder(logsFolder(home), 0o700);
  refuseUnsafe(home.path, OTHERS_WRITE);
  refuseUnsafe(logsFolder(home), OTHERS_WRITE);
  const { note } = signCheckpoint(0, emptyRoot(), vkey, key);
  writeLogFolder(home, folder, {
    'key.pem': utf8(exportKey(key, passphrase)),
    vkey: utf8(`${formatVkey(vkey)}\n`),
    checkpoint: note,
  });
  return { key, vkey, folder };
}

function uniqueOrigin(publicKey: Uint8Array): string {
  return `${toHex(sha256(publicKey)).slice(0, 8)}.${randomBytes(4).toString('hex')}.qpoe.internal`;
}

/** The key that a killed `createLog` left; one that has signed entries belongs to a log that lies elsewhere. */
function readUnusedKey(home: Home, passphrase: string | undefined, origin: string): LogKey {
  const found = readLogKey(home, origin, passphrase);
  if (readKeptCheckpoint(found).size > 0)
    throw new QpoeError(
      'refused',
      `${found.folder} is the key of a log that has entries already`,
      'name the store that holds it with --store DIR, or give the new log another origin',
    );
  return found;
}

/** The folder appears whole or not at all. */
function writeLogFolder(home: Home, folder: string, files: Readonly<Record<string, Uint8Array>>): void {
  // In the home itself, where `sweepHome` finds it if we are killed.
  const temporary = join(home.path, `.tmp-${randomBytes(8).toString('hex')}`);
  try {
    mkdirSync(temporary, { mode: 0o700 });
    for (const [name, bytes] of Object.entries(files)) writeDurable(join(temporary, name), bytes, 0o600);
    syncFolder(temporary);
    renameSync(temporary, folder);
    syncFolder(logsFolder(home));
    syncFolder(home.path);
  } catch (error) {
    removeFolderIfPossible(temporary);
    throw fileError('external', 'make the log key', folder, error);
  }
}

/** `sweepHome` removes what stays. */
function removeFolderIfPossible(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {}
}

/** @throws QpoeError where the home has no such key, others could read it, or the passphrase is wrong */
export function readLogKey(home: Home, origin: string, passphrase: string | undefined): LogKey {
  const folder = logFolder(home, origin);
  if (lookAt(folder) === undefined)
    throw new QpoeError(
      'usage',
      `${home.path} has no key for the log ${origin}`,
      'only the home that made a log can append to it: name it with --home DIR',
    );
  for (const path of [home.path, logsFolder(home), folder]) refuseUnsafe(path, OTHERS_WRITE);
  const key = readKey(join(folder, 'key.pem'), 'ed25519', passphrase);
  return { key, vkey: makeVkey(origin, 'ed25519', rawEd25519(key)), folder };
}

/** The verifier keys of the logs whose keys this home has. */
export function logVkeys(home: Home): readonly Vkey[] {
  if (lookAt(logsFolder(home)) === undefined) return [];
  return listFolder(logsFolder(home))
    .filter((name) => !isTemporary(name))
    .sort()
    .flatMap((origin) => {
      const path = join(logFolder(home, origin), 'vkey');
      const text = readHomeFile(home, path);
      if (text === undefined) return [];
      const vkey = parseVkey(text.trimEnd());
      if (vkey.fault !== undefined) throw new QpoeError('unreadable', `${path}: ${vkey.fault}`);
      return [vkey.value];
    });
}

/** How many entries of a log this home has signed for; undefined of another home's. @throws QpoeError */
export function signedSize(home: Home, origin: string): number | undefined {
  const vkey = logVkeys(home).find(({ name }) => name === origin);
  return vkey && readKeptCheckpoint({ folder: logFolder(home, origin), vkey }).size;
}

/** The last checkpoint that this home signed. @throws QpoeError where it is gone or damaged: without it nothing is signed */
export function readKeptCheckpoint({ folder, vkey }: Pick<LogKey, 'folder' | 'vkey'>): SignedCheckpoint {
  const path = join(folder, 'checkpoint');
  const opened = openSignedCheckpoint(readOwn(path, MAX_NOTE_BYTES), vkey);
  if (opened.fault === undefined) return opened.value;
  throw new QpoeError(
    'refused',
    `${path} is damaged: ${opened.fault}`,
    'restore it from a copy of the home, or from the newest copy of the log’s own checkpoint',
  );
}

/** Durable before the log shows it to anyone: from here on every other tree is refused. */
export function keepCheckpoint({ folder }: LogKey, note: Bytes): void {
  writeAtomic(join(folder, 'checkpoint'), note, 0o600);
}
