/** Who signs: the identity in the home (made the first time), a key file, or no one. */

import type { KeyObject } from 'node:crypto';
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
}

export function findSigner(context: Context, options: SigningOptions): RecordSigner | undefined {
  return options.unsigned === true ? undefined : recordSigner(findKey(context, options.key));
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
