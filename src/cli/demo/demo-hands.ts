/** The demo's keys as hands that sign: fresh ones, or the public throw-away keys of the sample that is committed. */

import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import type { JsonObject } from '../../core/json.ts';
import type { Hand, LogHand } from '../../demo/sample.ts';
import { type Identity, rawEd25519, recordSigner, spki } from '../../store/identity.ts';
import { signStatement } from '../../store/sign-statement.ts';
import { makeVkey } from '../../tlog/vkey.ts';

export function handOf(identity: Identity): Hand {
  const { ed25519, p256, mlDsa65 } = identity;
  return {
    record: recordSigner(ed25519),
    keys: { ed25519: spki(ed25519), p256: spki(p256), mlDsa65: spki(mlDsa65) },
    state: (payload) => signStatement(identity, payload).map(({ bundle }) => bundle),
  };
}

/** Of the demo's log, whoever holds its key. */
export const DEMO_ORIGIN = 'demo.qpoe.internal';

export function logHandOf(key: KeyObject): LogHand {
  return {
    vkey: makeVkey(DEMO_ORIGIN, 'ed25519', rawEd25519(key)),
    sign: (text) => new Uint8Array(sign(null, text, key)),
  };
}

export interface DemoKeys {
  readonly signer: Identity;
  readonly log: KeyObject;
  readonly attacker: Identity;
}

/** As `keys.json` holds them: base64 of PKCS#8. */
interface KeptKeys {
  readonly signer: KeptIdentity;
  readonly log: string;
  readonly attacker: KeptIdentity;
}

type KeptIdentity = Readonly<Record<keyof Identity, string>>;

export function writeKeys({ signer, log, attacker }: DemoKeys): KeptKeys {
  return { signer: writeIdentity(signer), log: writeKey(log), attacker: writeIdentity(attacker) };
}

function writeIdentity({ ed25519, p256, mlDsa65 }: Identity): KeptIdentity {
  return { ed25519: writeKey(ed25519), p256: writeKey(p256), mlDsa65: writeKey(mlDsa65) };
}

function writeKey(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'der' }).toString('base64');
}

export function readKeys(kept: JsonObject): DemoKeys {
  const { signer, log, attacker } = kept as unknown as KeptKeys;
  return { signer: readIdentity(signer), log: readKey(log), attacker: readIdentity(attacker) };
}

function readIdentity({ ed25519, p256, mlDsa65 }: KeptIdentity): Identity {
  return { ed25519: readKey(ed25519), p256: readKey(p256), mlDsa65: readKey(mlDsa65) };
}

function readKey(pkcs8: string): KeyObject {
  return createPrivateKey({ key: Buffer.from(pkcs8, 'base64'), format: 'der', type: 'pkcs8' });
}
