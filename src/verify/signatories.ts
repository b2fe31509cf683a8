/**
 * Who signed an envelope or a file, judged before anyone looks into what was signed: by a key that the policy holds, or by a
 * Sigstore certificate for an identity that it names.
 */

import { pae } from '../attest/dsse.ts';
import type { KeyedEnvelope } from '../attest/sigstore-bundle.ts';
import { digestOf } from '../core/digest.ts';
import type { JsonObject } from '../core/json.ts';
import { verifyMlDsa65 } from '../core/ml-dsa-65.ts';
import { verifyP256 } from '../core/p256.ts';
import { type Found, found } from './check.ts';
import { type JudgeKeyless, type KeylessResult, PUBLIC_GOOD } from './keyless.ts';
import type { Policy } from './policy.ts';
import { checkHolder } from './signer-checks.ts';
import { findStatementKey, type StatementKey, type Trust } from './trust.ts';
import type { TrustedTime } from './trusted-time.ts';

type Vouched = 'record' | 'receipt';

/** Whose signature was judged, and how. */
export interface Signed {
  readonly signature: Found;
  /** How it was signed and by whom, to tell it from others: names and keys as evidence and policy have them. */
  readonly by: string;
  /** What the policy makes of the signer, once it is known what they vouched for. Only after a signature that holds. */
  signer(what: Vouched, time?: TrustedTime): Found;
  /** By when the certificate's own log and clock say that the signature existed. */
  readonly times?: readonly TrustedTime[];
  /** The key that it holds by; none for a certificate. */
  readonly key?: StatementKey;
  /** What to call the signer, where `signer` passes. Anyone may have a certificate for a name: nothing is decided by it. */
  readonly name?: string;
}

const ALGORITHMS = { p256: 'ECDSA P-256', 'ml-dsa-65': 'ML-DSA-65' } as const;

/** With a policy the key comes from it, never from the evidence: one that it lacks can't be judged. */
export async function judgeEnvelope(envelope: KeyedEnvelope, trust: Trust): Promise<Signed> {
  const named = `key ${envelope.keyid}`;
  const key = findStatementKey(trust, envelope.keyid);
  if (key === undefined) return unjudged(named, trust);
  const evidence = `${ALGORITHMS[key.algorithm]}, ${named}`;
  const by = `${ALGORITHMS[key.algorithm]} by ${key.signer === undefined ? named : JSON.stringify(key.signer.name)}`;
  return (await holds(key, envelope))
    ? {
        by,
        signature: { ...found('pass', evidence), relies_on: ALGORITHMS[key.algorithm] },
        signer: (what, time) =>
          checkHolder({ fingerprint: digestOf(key.spki), signer: key.signer }, trust, what, time),
        key,
        ...(key.signer === undefined ? {} : { name: key.signer.name }),
      }
    : unsigned(
        by,
        found('fail', `not this key's signature over this payload (${evidence})`, 'signature.invalid'),
      );
}

function holds({ algorithm, spki }: StatementKey, envelope: KeyedEnvelope): Promise<boolean> {
  const message = pae(envelope.payloadType, envelope.payload);
  return algorithm === 'p256'
    ? verifyP256(spki, envelope.signature, message)
    : verifyMlDsa65(spki, envelope.signature, message);
}

function unjudged(named: string, trust: Trust): Signed {
  return trust.kind === 'policy'
    ? unsigned(
        named,
        found(
          'unknown',
          `${named} is not in ${trust.path}`,
          'signer.unknown',
          "add the signer's p256 and ml_dsa_65 keys to your policy, from a channel you trust",
        ),
      )
    : unsigned(
        named,
        found(
          'unknown',
          named,
          'signer.unknown',
          'a signature names its key and does not carry it: verify the bundle, or with a policy that holds the key',
        ),
      );
}

function unsigned(by: string, signature: Found): Signed {
  return { by, signature, signer: () => found('skipped', 'needs the signature') };
}

/** @param content the signed file; undefined where the bundle holds its own envelope */
export async function judgeCertificate(
  bundle: JsonObject,
  content: Uint8Array | undefined,
  trust: Trust,
  judge: JudgeKeyless | undefined,
): Promise<Signed> {
  if (judge === undefined)
    return unsigned(
      'a certificate',
      found(
        'unknown',
        'a Sigstore certificate, which is not checked here',
        'keyless.unchecked',
        'use qpoe in a terminal',
      ),
    );
  const results = new Map<string, KeylessResult>();
  for (const root of rootsOf(trust)) results.set(root, await judge(bundle, content, root));
  const passed = [...results].filter((entry) => entry[1].status === 'pass') as [string, Passed][];
  if (passed.length === 0) return unsigned('a certificate', worst([...results.values()] as Refused[]));
  const [root, { identity, issuer }] = passed[0]!;
  return {
    by: `a certificate for ${identity}`,
    signature: {
      ...found('pass', `${identity}, as ${issuer} vouched`),
      relies_on: `the Sigstore root ${root}`,
    },
    signer: (what) => checkIdentity(passed, trust, what),
    times: timesOf(passed[0]![1]),
    name: identity,
  };
}

function timesOf({ integratedTime, timestamp }: Passed): readonly TrustedTime[] {
  return [
    ...(integratedTime === undefined ? [] : [{ ms: integratedTime, source: 'the Rekor that logged it' }]),
    ...(timestamp === undefined ? [] : [{ ms: timestamp, source: 'the authority that stamped it' }]),
  ];
}

type Passed = Extract<KeylessResult, { status: 'pass' }>;
type Refused = Exclude<KeylessResult, Passed>;

function rootsOf(trust: Trust): Set<string> {
  const named =
    trust.kind === 'policy' ? (trust.policy.keyless ?? []).map((entry) => entry.trusted_root) : [];
  return new Set([...named, PUBLIC_GOOD]);
}

function worst(results: readonly Refused[]): Found {
  const { status, evidence, code } = results.find((result) => result.status === 'fail') ?? results[0]!;
  return found(status, evidence, code);
}

/** Identity and issuer are literals, and count only under the root that the policy gives them. */
function checkIdentity(passed: readonly [string, Passed][], trust: Trust, what: Vouched): Found {
  const { identity, issuer } = passed[0]![1];
  if (trust.kind === 'unasked') return found('absent', 'not asked: --integrity-only');
  const who = `${identity} (${issuer})`;
  if (trust.kind !== 'policy')
    return found('unknown', who, 'signer.no-policy', 'name them in a policy, under [[keyless]]');
  const entries = findEntries(trust.policy, passed);
  if (entries.length === 0)
    return found(
      'unknown',
      `${who} is not in ${trust.path}`,
      'signer.unknown',
      'name them there, under [[keyless]]',
    );
  return !entries.some(({ signs }) => signs === undefined || signs.includes(what))
    ? found('unknown', `${trust.path} does not let ${who} vouch for ${what}s`, 'signer.signs')
    : found('pass', `${who} in ${trust.path}`);
}

function findEntries(policy: Policy, passed: readonly [string, Passed][]) {
  return (policy.keyless ?? []).filter((entry) =>
    passed.some(
      ([root, { identity, issuer }]) =>
        entry.trusted_root === root && entry.identity === identity && entry.issuer === issuer,
    ),
  );
}
