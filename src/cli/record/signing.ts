/**
 * Who signs. The record: the identity in the home (made the first time), a key file, or no one. Its statements: the identity,
 * where there is one, unless the record is unsigned or was asked for alone.
 */

import { toBase64 } from '../../core/bytes.ts';
import { QpoeError } from '../../core/error.ts';
import type { RecordSigner } from '../../record/record.ts';
import { readOwnPolicy } from '../../store/home.ts';
import {
  createIdentity,
  hasIdentity,
  type Identity,
  identityFingerprint,
  rawEd25519,
  readIdentity,
  readKeyFile,
  recordSigner,
} from '../../store/identity.ts';
import { findRecordSigner } from '../../verify/trust.ts';
import { type Context, readPassphrase } from '../context.ts';

export interface SigningOptions {
  readonly key?: string;
  readonly unsigned?: boolean;
  /** No statements. */
  readonly recordOnly?: boolean;
  /** The original toolkit's flags. */
  readonly privateKeyFile?: string;
  readonly privateKeyB64?: string;
}

export interface Signers {
  readonly record: RecordSigner | undefined;
  readonly statements: Identity | undefined;
}

export function findSigners(context: Context, options: SigningOptions): Signers {
  const file = findKeyFile(context, options);
  if (options.unsigned === true) return { record: undefined, statements: undefined };
  const passphrase = readPassphrase(context.environment);
  const alone = options.recordOnly === true;
  if (file === undefined) {
    const identity = openIdentity(context, passphrase);
    return { record: recordSigner(identity.ed25519), statements: alone ? undefined : identity };
  }
  const record = recordSigner(readKeyFile(file, passphrase));
  if (alone) return { record, statements: undefined };
  if (hasIdentity(context.home)) return { record, statements: readIdentity(context.home, passphrase) };
  context.note(`no statements: ${context.home.path} holds no identity; \`qpoe init\` makes one`);
  return { record, statements: undefined };
}

function findKeyFile({ environment, config }: Context, options: SigningOptions): string | undefined {
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
  return key ?? (environment.QPOE_KEY || config.key);
}

/** The identity, made the first time that anyone signs. */
export function openIdentity(context: Context, passphrase: string | undefined): Identity {
  const { home, note } = context;
  if (hasIdentity(home)) return readIdentity(home, passphrase);
  const identity = createIdentity(home, 'me', passphrase);
  note(`made your signing identity in ${home.identity}`);
  note(`  fingerprint ${identityFingerprint(identity)}`);
  note(`  ${whoTrusts(context, identity)}`);
  return identity;
}

/** A policy that was there before stays as it is: that of keys which are lost names those. */
function whoTrusts({ home }: Context, { ed25519 }: Identity): string {
  const known = findRecordSigner(readOwnPolicy(home) ?? { version: 1 }, toBase64(rawEd25519(ed25519)));
  return known === undefined
    ? `your policy ${home.policy} names other keys: what you sign will not pass here; put ${home.identity} back from your copy of it, ` +
        'or have the policy know these: `qpoe doctor` says how'
    : `${home.policy} trusts it when you verify here; keep a copy of that folder`;
}
