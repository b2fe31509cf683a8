// The sample of the page's walkthrough as one JSON text: demo/ as it is committed, with the short form of its public keys, and
// without its RFC 3161 time stamps: a page can't check them, and so could say nothing better of it than "inconclusive".

import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '../demo');
const read = (name) => readFileSync(join(folder, name), 'utf8');
const ED25519_SEED_BYTES = 32;
// PKCS#8 of ML-DSA-65 with both forms (RFC 9881): 22 bytes of names, 04 20, then the seed.
const ML_DSA_SEED = { at: 30, bytes: 32 };

export function pageSample() {
  const keys = JSON.parse(read('keys.json'));
  const policy = read('trust.toml');
  const [, origin] = /vkey = "([^+"]+)\+/.exec(policy);
  return JSON.stringify({
    bundle: withoutStamps(JSON.parse(read('demo.qpoe.json'))),
    invented: withoutStamps(JSON.parse(read('invented.qpoe.json'))),
    bound: withoutStamps(JSON.parse(read('bound.qpoe.json'))),
    retagged: withoutStamps(JSON.parse(read('retagged.qpoe.json'))),
    policy,
    keys: {
      signer: shortKeys(keys.signer),
      attacker: shortKeys(keys.attacker),
      log: seedOf(keys.log),
      origin,
    },
  });
}

function withoutStamps({ timestamps: _, statements, ...bundle }) {
  const bare = statements.map(
    ({ verificationMaterial: { timestampVerificationData: __, ...material }, ...rest }) => ({
      ...rest,
      verificationMaterial: material,
    }),
  );
  return { ...bundle, statements: bare, timestamps: [] };
}

function shortKeys({ ed25519, p256, mlDsa65 }) {
  return { ed25519: seedOf(ed25519), p256, mlDsa65: mlDsaSeed(mlDsa65) };
}

function seedOf(pkcs8) {
  return Buffer.from(pkcs8, 'base64').subarray(-ED25519_SEED_BYTES).toString('base64');
}

function mlDsaSeed(pkcs8) {
  const der = Buffer.from(pkcs8, 'base64');
  const seed = der.subarray(ML_DSA_SEED.at, ML_DSA_SEED.at + ML_DSA_SEED.bytes);
  // Node's own reading of it, so that a key of another form is noticed when the page is built.
  const { priv } = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }).export({ format: 'jwk' });
  if (priv !== seed.toString('base64url')) throw new Error('demo/keys.json: ML-DSA-65 keys of another form');
  return seed.toString('base64');
}
