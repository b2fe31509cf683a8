/**
 * What was seen of other people's logs: in the home, because it is what one trusts them by.
 *
 *     audits/<key>/checkpoint                 the last signed note that held, <key> by the hash of the log's key
 *     audits/<key>/fault-<n>/seen, shown, …   what a log showed that it must not have
 */

import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { toBase64, toHex, utf8 } from '../core/bytes.ts';
import { MAX_NOTE_BYTES } from '../tlog/note.ts';
import { hashVkey, type Vkey } from '../tlog/vkey.ts';
import { enterFolder, lookAt, readOwn, writeAtomic } from './files.ts';
import { type Home, OTHERS_WRITE, refuseUnsafe } from './home.ts';

export interface KeptEvidence {
  readonly seen: Uint8Array | undefined;
  readonly shown: Uint8Array;
  readonly consistency?: { readonly oldRoot: Uint8Array; readonly hashes: readonly Uint8Array[] };
  readonly files: readonly { readonly path: string; readonly bytes: Uint8Array }[];
}

function auditFolder({ path }: Home, vkey: Vkey): string {
  return join(path, 'audits', toHex(hashVkey(vkey)).slice(0, 32));
}

export function readSeen(home: Home, vkey: Vkey): Uint8Array | undefined {
  const path = join(auditFolder(home, vkey), 'checkpoint');
  if (lookAt(path) === undefined) return undefined;
  for (const part of [home.path, dirname(path), path]) refuseUnsafe(part, OTHERS_WRITE);
  return readOwn(path, MAX_NOTE_BYTES);
}

export function keepSeen(home: Home, vkey: Vkey, note: Uint8Array): void {
  const folder = openFolder(home, vkey);
  writeAtomic(join(folder, 'checkpoint'), note, 0o600);
}

/** @returns the folder that holds it */
export function keepFork(home: Home, vkey: Vkey, { seen, shown, consistency, files }: KeptEvidence): string {
  const above = openFolder(home, vkey);
  const count = readdirSync(above).filter((name) => name.startsWith('fault-')).length;
  const folder = join(above, `fault-${count + 1}`);
  enterFolder(folder);
  if (seen !== undefined) writeAtomic(join(folder, 'seen'), seen, 0o600);
  writeAtomic(join(folder, 'shown'), shown, 0o600);
  if (consistency !== undefined)
    writeAtomic(join(folder, 'consistency'), utf8(consistencyText(consistency)), 0o600);
  for (const { path, bytes } of files) writeAtomic(join(folder, path.replaceAll('/', '_')), bytes, 0o600);
  return folder;
}

/** The old root, then the proof from it, a line each. */
function consistencyText({ oldRoot, hashes }: NonNullable<KeptEvidence['consistency']>): string {
  return [oldRoot, ...hashes].map((hash) => `${toBase64(hash)}\n`).join('');
}

function openFolder(home: Home, vkey: Vkey): string {
  const folder = auditFolder(home, vkey);
  for (const part of [home.path, dirname(folder), folder]) {
    enterFolder(part);
    refuseUnsafe(part, OTHERS_WRITE);
  }
  return folder;
}
