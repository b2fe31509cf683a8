/** Who signs: the identity in the home (made the first time), a key file, or no one. */

import type { KeyObject } from 'node:crypto';
import { QpoeError } from '../core/error.ts';
import type { RecordSigner } from '../record/record.ts';
import {
  createIdentity,
  hasIdentity,
  identityFingerprint,
  readKeyFile,
  readRecordKey,
  recordSigner,
} from '../store/identity.ts';
import { type Context, readPassphrase } from './context.ts';

export interface SigningOptions {
  readonly key?: string;
  readonly unsigned?: boolean;
  /** The original toolkit's flags. */
  readonly privateKeyFile?: string;
  readonly privateKeyB64?: string;
}

export function findSigner(context: Context, options: SigningOptions): RecordSigner | undefined {
  if (options.privateKeyB64 !== undefined)
    throw new QpoeError(
      'usage',
      '--private-key-b64 would show the key to everyone on this machine',
      'write it to a file of your own (chmod 600), and give --private-key-file FILE',
    );
  if (options.key !== undefined && options.privateKeyFile !== undefined)
    throw new QpoeError('usage', '--key and --private-key-file are two names for one thing', 'give one');
  const key = options.key ?? options.privateKeyFile;
  if (options.unsigned === true && key !== undefined)
    throw new QpoeError('usage', '--unsigned and a key contradict each other', 'give one');
  return options.unsigned === true ? undefined : recordSigner(findKey(context, key));
}

function findKey({ environment, config, home, note }: Context, file: string | undefined): KeyObject {
  const passphrase = readPassphrase(environment);
  const path = file ?? (environment.QPOE_KEY || config.key);
  if (path !== undefined) return readKeyFile(path, passphrase);
  if (hasIdentity(home)) return readRecordKey(home, passphrase);
  const identity = createIdentity(home, 'me', passphrase);
  note(`made your signing identity in ${home.identity}`);
  note(`  fingerprint ${identityFingerprint(identity)}`);
  note(`  ${home.policy} trusts it when you verify here; keep a copy of that folder`);
  return identity.ed25519;
}
