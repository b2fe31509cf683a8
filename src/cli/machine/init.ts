/** `qpoe init`: the identity and the policy that trusts it. */

import { toBase64 } from '../../core/bytes.ts';
import {
  createIdentity,
  hasIdentity,
  identityFingerprint,
  rawEd25519,
  readIdentity,
  trustOwnIdentity,
} from '../../store/identity.ts';
import { ed25519Fingerprint } from '../../verify/trust.ts';
import { type Context, readPassphrase } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';

export interface InitOptions {
  readonly name: string;
  readonly passphraseFile?: string;
}

export function init(context: Context, { name, passphraseFile }: InitOptions): ExitCode {
  const { environment, home } = context;
  const passphrase = readPassphrase(environment, passphraseFile);
  const existed = hasIdentity(home);
  const identity = existed ? readIdentity(home, passphrase) : createIdentity(home, name, passphrase);
  trustOwnIdentity(home, name, identity);
  const fingerprint = identityFingerprint(identity);
  const recordKey = ed25519Fingerprint(toBase64(rawEd25519(identity.ed25519)));
  context.say(`${existed ? 'identity, here already' : 'identity made'}: ${home.identity}`);
  context.say(`  fingerprint  ${fingerprint}`);
  context.say(`  record key   ${recordKey}`);
  context.say(`policy: ${home.policy}`);
  if (existed && name !== 'me') context.note(`the name in ${home.policy} stays as it is: edit it there`);
  if (!existed) context.note('keep a copy of that folder: a lost key can sign nothing again');
  context.answer('init', {
    created: !existed,
    identity: home.identity,
    policy: home.policy,
    fingerprint,
    record_key: recordKey,
  });
  return EXIT.pass;
}
