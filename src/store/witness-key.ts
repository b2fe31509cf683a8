/**
 * The key of the witness that a home can be (https://c2sp.org/tlog-witness), and where it keeps what it cosigned:
 *
 *     witness/key.pem                     Ed25519, PKCS#8, mode 0600, under the identity's passphrase where there is one
 *     witness/vkey                        the public half, with the witness's name, readable without the passphrase
 *     witness/<SHA-256 of the origin>     the checkpoint cosigned last (`witness-record.ts`)
 *     witness/lock
 *
 * It signs nothing else: under another name the same signatures would be another witness's.
 */

import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { utf8 } from '../core/bytes.ts';
import { QpoeError } from '../core/error.ts';
import { printable } from '../core/printable.ts';
import { isKeyName } from '../tlog/note.ts';
import { formatVkey, makeVkey, parseVkey, type Vkey } from '../tlog/vkey.ts';
import { lookAt, makeFolder, writeAtomic } from './files.ts';
import { type Home, OTHERS_WRITE, readHomeFile, refuseUnsafe } from './home.ts';
import { exportKey, rawEd25519, readKey } from './identity.ts';
import { withLogLock } from './log-lock.ts';

export interface WitnessKey {
  readonly key: KeyObject;
  readonly vkey: Vkey;
  /** `<home>/witness` */
  readonly folder: string;
}

const MAX_NAME = 255;

function witnessFolder(home: Home): string {
  return join(home.path, 'witness');
}

/** The home's witness by its public half; undefined where it is none. */
export function witnessVkey(home: Home): Vkey | undefined {
  const folder = witnessFolder(home);
  if (lookAt(join(folder, 'key.pem')) === undefined) return undefined;
  refuseUnsafe(folder, OTHERS_WRITE);
  const path = join(folder, 'vkey');
  const vkey = parseVkey((readHomeFile(home, path) ?? '').trimEnd());
  if (vkey.value?.type === 'cosignature-ed25519') return vkey.value;
  throw new QpoeError('unreadable', `${path}: ${vkey.fault ?? 'no key of a witness'}`);
}

/** @throws QpoeError where the home has no such key, others could read it, or the passphrase is wrong */
export function readWitnessKey(home: Home, passphrase: string | undefined): WitnessKey {
  const folder = witnessFolder(home);
  const vkey = witnessVkey(home);
  if (vkey === undefined) throw new QpoeError('usage', `${home.path} has no witness key`);
  const path = join(folder, 'key.pem');
  const key = readKey(path, 'ed25519', passphrase);
  if (makeVkey(vkey.name, vkey.type, rawEd25519(key)).keyId !== vkey.keyId)
    throw new QpoeError(
      'refused',
      `${path} is not the key of ${formatVkey(vkey)}`,
      'restore both from one copy',
    );
  return { key, vkey, folder };
}

/** @param name by default one that no other witness has; a URL without its scheme is usual */
export function createWitnessKey(
  home: Home,
  passphrase: string | undefined,
  name = uniqueName(),
): WitnessKey {
  if (name.length > MAX_NAME || !isKeyName(name))
    throw new QpoeError(
      'usage',
      `"${printable(name)}" can't be a witness's name`,
      `at most ${MAX_NAME} characters without spaces and +, such as witness.example.org/w1`,
    );
  const folder = witnessFolder(home);
  makeFolder(folder, 0o700);
  refuseUnsafe(home.path, OTHERS_WRITE);
  refuseUnsafe(folder, OTHERS_WRITE);
  return withLogLock(folder, () => {
    if (lookAt(join(folder, 'key.pem')) !== undefined)
      throw new QpoeError('refused', `${folder} has a witness key`, 'a witness has one key, and keeps it');
    const key = generateKeyPairSync('ed25519').privateKey;
    const vkey = makeVkey(name, 'cosignature-ed25519', rawEd25519(key));
    // The key comes last: without it there is no witness, whatever a killed call left.
    writeAtomic(join(folder, 'vkey'), utf8(`${formatVkey(vkey)}\n`), 0o600);
    writeAtomic(join(folder, 'key.pem'), utf8(exportKey(key, passphrase)), 0o600);
    return { key, vkey, folder };
  });
}

function uniqueName(): string {
  return `${randomBytes(4).toString('hex')}.witness.qpoe.internal`;
}
