/** Signed statements for tests, with an identity of the test's own. */

import { generateKeyPairSync } from 'node:crypto';
import { recordStatement } from '../src/attest/statement.ts';
import { type Bytes, toBase64 } from '../src/core/bytes.ts';
import type { JsonObject } from '../src/core/json.ts';
import { coreBytes } from '../src/record/record.ts';
import type { ExecutionRecord } from '../src/record/schema.ts';
import { type Identity, recordSigner, spki } from '../src/store/identity.ts';
import { signStatement } from '../src/store/sign-statement.ts';
import type { PolicySigner } from '../src/verify/policy.ts';
import type { Trust } from '../src/verify/trust.ts';
import { trusting } from './records.ts';

export function newIdentity(): Identity {
  return {
    ed25519: generateKeyPairSync('ed25519').privateKey,
    p256: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
    mlDsa65: generateKeyPairSync('ml-dsa-65').privateKey,
  };
}

/** A policy that trusts all three keys. */
export function trustingIdentity(identity: Identity, extra: Partial<PolicySigner> = {}): Trust {
  return trusting(recordSigner(identity.ed25519), {
    p256: toBase64(spki(identity.p256)),
    ml_dsa_65: toBase64(spki(identity.mlDsa65)),
    ...extra,
  });
}

export function payloadOf(record: ExecutionRecord): Bytes {
  return recordStatement(coreBytes(record), record.record.record_id);
}

/** By P-256 and by ML-DSA-65, in this order. */
export function envelopes(identity: Identity, payload: Bytes): [JsonObject, JsonObject] {
  const [p256, mlDsa65] = signStatement(identity, payload);
  return [p256!.bundle, mlDsa65!.bundle];
}
