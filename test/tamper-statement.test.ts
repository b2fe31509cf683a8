/** Every member of a statement's file, edited in every way: nothing but the original passes. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyHint } from '../src/attest/sigstore-bundle.ts';
import { statementBytes } from '../src/attest/statement.ts';
import { fromBase64, toBase64, utf8 } from '../src/core/bytes.ts';
import { RECORD_PREDICATE } from '../src/core/identifiers.ts';
import { canonicalBytes } from '../src/core/jcs.ts';
import type { JsonObject } from '../src/core/json.ts';
import { fromDer, lowS, toDer } from '../src/core/p256.ts';
import { makeRecord, recordCore } from '../src/record/record.ts';
import { recordSigner, spki } from '../src/store/identity.ts';
import { uuidV7 } from '../src/store/uuid.ts';
import { verifyBytes } from '../src/verify/verify.ts';
import { edit, get, type Json, paths, SUBSTITUTES, variants } from './mutations.ts';
import { content, NOW, signedRecord } from './records.ts';
import { envelopes, newIdentity, payloadOf, trustingIdentity } from './statements.ts';

const identity = newIdentity();
const stranger = newIdentity();
const trust = trustingIdentity(identity);
const record = await signedRecord(recordSigner(identity.ed25519));
const payload = payloadOf(record);
const [p256, mlDsa65] = envelopes(identity, payload);

async function judge(bundle: unknown) {
  const text = typeof bundle === 'string' ? bundle : JSON.stringify(bundle);
  return verifyBytes(utf8(text), trust, NOW);
}
const outcome = async (bundle: unknown) => (await judge(bundle)).verdict;

describe.each([
  ['P-256', p256],
  ['ML-DSA-65', mlDsa65],
])('an envelope by %s', (_, bundle) => {
  const original = bundle as Json;
  const all = [...paths(original)];
  it('passes unedited', async () => {
    expect(await judge(bundle)).toMatchObject({
      verdict: 'pass',
      kind: 'statement',
      signer: 'lab',
      hash: record.record.hash,
      record_id: record.record.record_id,
    });
  });

  it('never passes with a member changed, retyped, removed or written twice', async () => {
    let mutants = 0;
    const expectRefused = async (edited: Json | string, about: string) => {
      if (JSON.stringify(edited) === JSON.stringify(original)) return;
      expect(await outcome(edited), about).not.toBe('pass');
      mutants++;
    };
    for (const path of all) {
      const name = path.join('.');
      for (const value of [...variants(get(original, path)), ...SUBSTITUTES])
        await expectRefused(
          edit(original, path, (parent, key) => {
            parent[key] = value;
          }),
          `${name} = ${JSON.stringify(value)}`,
        );
      await expectRefused(
        edit(original, path, (parent, key) => {
          if (Array.isArray(parent)) parent.splice(Number(key), 1);
          else delete parent[key];
        }),
        `without ${name}`,
      );
      const doubled = edit(original, path, (parent, key) => {
        if (Array.isArray(parent)) parent.push(parent[Number(key)]!);
        else parent[`${key}\u0000`] = parent[key]!;
      });
      await expectRefused(JSON.stringify(doubled).replace('\\u0000', ''), `twice ${name}`);
    }
    expect(mutants).toBeGreaterThan(100);
  });

  it('never passes with a member added', async () => {
    const objects: string[][] = [[], ...all.map((path) => [...path])];
    for (const path of objects) {
      const target = path.length === 0 ? original : get(original, path);
      if (typeof target !== 'object' || target === null || Array.isArray(target)) continue;
      for (const name of [
        'extra',
        '__proto__',
        'publicKey',
        'certificate',
        'x509CertificateChain',
        'keyid',
      ]) {
        if (Object.hasOwn(target, name)) continue;
        const copy = structuredClone(original);
        Object.defineProperty(path.length === 0 ? copy : get(copy, path), name, {
          value: 'x',
          enumerable: true,
        });
        expect(await outcome(copy), `${path.join('.')}.${name}`).not.toBe('pass');
      }
    }
  });

  it('never passes with one byte of payload or signature changed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('payload', 'sig'),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (part, at, mask) => {
          const copy = structuredClone(bundle) as unknown as {
            dsseEnvelope: { payload: string; signatures: { sig: string }[] };
          };
          const { dsseEnvelope } = copy;
          const holder = (part === 'payload'
            ? dsseEnvelope
            : dsseEnvelope.signatures[0]!) as unknown as Record<string, string>;
          const bytes = fromBase64(holder[part]!)!;
          bytes[at % bytes.length]! ^= mask;
          holder[part] = toBase64(bytes);
          expect(await outcome(copy)).toBe('fail');
        },
      ),
      { numRuns: 150 },
    );
  });

  it('never passes truncated', async () => {
    const text = JSON.stringify(bundle);
    for (let length = 0; length < text.length; length += 7)
      expect(await outcome(text.slice(0, length)), `${length} characters`).not.toBe('pass');
  });
});

function withSignature(bundle: JsonObject, change: (signature: Uint8Array) => Uint8Array): Json {
  return edit(bundle as Json, ['dsseEnvelope', 'signatures', '0', 'sig'], (parent, name) => {
    parent[name] = toBase64(change(fromBase64(parent[name] as string)!));
  });
}

describe('a P-256 signature', () => {
  it('in raw form fails', async () =>
    expect(await outcome(withSignature(p256, (der) => fromDer(der)!))).toBe('fail'));
  it('with a byte after it fails', async () =>
    expect(await outcome(withSignature(p256, (der) => Uint8Array.of(...der, 0)))).toBe('fail'));
  it('with the higher s passes, and ours has the lower', async () => {
    const n = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
    const high = withSignature(p256, (der) => {
      const raw = fromDer(der)!;
      expect(lowS(raw)).toEqual(raw);
      const s = n - BigInt(`0x${Buffer.from(raw.subarray(32)).toString('hex')}`);
      raw.set(Buffer.from(s.toString(16).padStart(64, '0'), 'hex'), 32);
      return toDer(raw);
    });
    expect(await outcome(high)).toBe('pass');
  });
});

/** What someone with a key that the policy trusts could sign. */
const signed = (bytes: Uint8Array<ArrayBuffer>, by = identity) => envelopes(by, bytes)[0];
const subjectCheck = async (bundle: unknown) =>
  (await judge(bundle)).checks.find(({ id }) => id === 'statement.subject');

describe('a payload that is signed and not what it must be', () => {
  const statement = JSON.parse(Buffer.from(payload).toString()) as Record<string, Json>;
  const core = recordCore(record);

  it.each<[string, unknown, string]>([
    ['isn’t canonical', JSON.stringify(statement, null, 1), 'statement.canonical'],
    [
      'has its members in another order',
      JSON.stringify(Object.fromEntries(Object.entries(statement).reverse())),
      'statement.canonical',
    ],
    [
      'has two subjects',
      { ...statement, subject: [...(statement.subject as Json[]), ...(statement.subject as Json[])] },
      'statement.subjects',
    ],
    [
      'has another subject',
      { ...statement, subject: [{ name: record.record.record_id, digest: { sha256: 'a'.repeat(64) } }] },
      'statement.subject',
    ],
    [
      'names another record',
      { ...statement, subject: [{ ...(statement.subject as JsonObject[])[0], name: 'x' } as Json] },
      'statement.canonical',
    ],
    [
      'has a lying predicate',
      { ...statement, predicate: { ...core, labels: { label: 'other' } } as Json },
      'statement.subject',
    ],
    ['has a predicate that is no core', { ...statement, predicate: { a: 1 } }, 'statement.predicate'],
    [
      'has the whole record as its predicate',
      { ...statement, predicate: record as unknown as Json },
      'statement.predicate',
    ],
    ['is no Statement v1', { ...statement, _type: 'https://in-toto.io/Statement/v0.1' }, 'statement.shape'],
    ['has a member of its own', { ...statement, extra: 1 }, 'statement.shape'],
    ['has no subject', { ...statement, subject: [] }, 'statement.shape'],
    ['is no JSON', 'hello', 'json.syntax'],
    ['has a member twice', `{"_type":1,${JSON.stringify(statement).slice(1)}`, 'json.duplicate'],
  ])('fails: it %s', async (_, value, code) => {
    const bytes = typeof value === 'string' ? utf8(value) : canonicalBytes(value as JsonObject);
    const verdict = await judge(signed(bytes));
    expect(verdict.verdict).toBe('fail');
    expect(verdict.checks.find(({ status }) => status === 'fail')).toMatchObject({
      id: 'statement.subject',
      code,
    });
  });

  it('of a later predicate version is a newer format, and no failure', async () => {
    const newer = statementBytes(
      RECORD_PREDICATE.replace('v1', 'v2'),
      [{ name: 'x', digest: { sha256: 'a' } }],
      {},
    );
    expect(await judge(signed(newer))).toMatchObject({ verdict: 'inconclusive', headline: 'NEWER FORMAT' });
  });

  it('of another predicate is unknown, and no pass', async () => {
    const other = statementBytes('https://slsa.dev/provenance/v1', [{ name: 'x' }], {});
    expect(await judge(signed(other))).toMatchObject({
      verdict: 'inconclusive',
      headline: 'INCOMPLETE: statement.subject',
    });
  });

  it('of another payload type is unknown', async () => {
    const copy = edit(p256 as Json, ['dsseEnvelope', 'payloadType'], (parent, name) => {
      parent[name] = 'text/plain';
    });
    expect(await outcome(copy)).toBe('fail');
  });
});

describe('whose key it is', () => {
  it('isn’t known for a stranger’s, and nothing of the payload is judged', async () => {
    const verdict = await judge(signed(payload, stranger));
    expect(verdict).toMatchObject({ verdict: 'inconclusive', headline: 'INTACT, SIGNER UNKNOWN TO YOU' });
    expect(await subjectCheck(signed(payload, stranger))).toMatchObject({ status: 'skipped' });
  });

  it('fails where a stranger’s signature names a trusted key', async () => {
    const trusted = keyHint(spki(identity.p256));
    const text = JSON.stringify(signed(payload, stranger)).replaceAll(keyHint(spki(stranger.p256)), trusted);
    expect(await outcome(text)).toBe('fail');
  });

  it('fails where a keyid names another key, and passes where it names this one', async () => {
    const named = (keyid: string) =>
      edit(p256 as Json, ['dsseEnvelope', 'signatures', '0'], (parent, name) => {
        parent[name] = { ...(parent[name] as Record<string, Json>), keyid };
      });
    const other = await judge(named(keyHint(spki(stranger.p256))));
    expect(other.checks[0]).toMatchObject({ status: 'fail', code: 'bundle.keyid' });
    expect(await outcome(named(keyHint(spki(identity.p256))))).toBe('pass');
  });

  it('isn’t known where the hint names no key of the policy', async () => {
    const copy = edit(p256 as Json, ['verificationMaterial', 'publicKey', 'hint'], (parent, name) => {
      parent[name] = keyHint(spki(stranger.p256));
    });
    expect(await outcome(copy)).toBe('inconclusive');
  });

  it('fails where the key comes as a certificate too', async () => {
    const copy = edit(p256 as Json, ['verificationMaterial'], (parent, name) => {
      parent[name] = { ...(parent[name] as JsonObject), certificate: { rawBytes: 'AA==' } } as Json;
    });
    expect((await judge(copy)).checks[0]).toMatchObject({ status: 'fail', code: 'bundle.material' });
  });

  it('isn’t judged with a certificate where there is no verifier for it, as in a browser', async () => {
    const copy = edit(p256 as Json, ['verificationMaterial'], (parent, name) => {
      parent[name] = { certificate: { rawBytes: 'AA==' }, tlogEntries: [] };
    });
    expect(await judge(copy)).toMatchObject({ verdict: 'inconclusive' });
  });

  it('doesn’t let a signer of receipts alone vouch for a record', async () => {
    const only = trustingIdentity(identity, { signs: ['receipt'] });
    const verdict = await verifyBytes(utf8(JSON.stringify(p256)), only, NOW);
    expect(verdict).toMatchObject({ verdict: 'inconclusive' });
    expect(verdict.checks.find(({ id }) => id === 'statement.signer')).toMatchObject({
      code: 'signer.signs',
    });
  });

  it('is unknown outside what the policy gives as its time', async () => {
    const window = trustingIdentity(identity, { not_after: NOW + 1000 });
    const { checks } = await verifyBytes(utf8(JSON.stringify(p256)), window, NOW);
    expect(checks.find(({ id }) => id === 'statement.signer')).toMatchObject({ code: 'signer.window' });
  });
});

describe('asked for integrity alone', () => {
  it('says that it can’t judge a signature whose key it doesn’t have', async () => {
    const verdict = await verifyBytes(utf8(JSON.stringify(p256)), { kind: 'unasked' }, NOW);
    expect(verdict).toMatchObject({ verdict: 'inconclusive', headline: 'INCOMPLETE: statement.signature' });
  });
});

describe('what the policy demands of everything', () => {
  it('is demanded of statements too', async () => {
    const { policy, ...rest } = trust as Extract<typeof trust, { kind: 'policy' }>;
    const demanding = { ...rest, policy: { ...policy, require: { plausibility: true } } } as typeof trust;
    const verdict = await verifyBytes(utf8(JSON.stringify(p256)), demanding, NOW);
    expect(verdict).toMatchObject({ verdict: 'inconclusive', headline: 'INCOMPLETE: plausibility' });
  });
});

describe('a statement of an unsigned record', () => {
  it('makes no more of it', async () => {
    const unsigned = await makeRecord(content(), uuidV7(NOW), new Date(NOW).toISOString());
    expect(await judge(signed(payloadOf(unsigned)))).toMatchObject({
      verdict: 'inconclusive',
      headline: 'INCOMPLETE: statement.subject',
    });
  });
});

describe('a bundle of another version', () => {
  const withType = (mediaType: string) => ({ ...p256, mediaType });
  it('0.3 in its older spelling passes', async () =>
    expect(await outcome(withType('application/vnd.dev.sigstore.bundle+json;version=0.3'))).toBe('pass'));
  it('later than 0.3 is newer, and earlier fails', async () => {
    const newer = await judge(withType('application/vnd.dev.sigstore.bundle.v0.4+json'));
    expect(newer).toMatchObject({ verdict: 'inconclusive', headline: 'NEWER FORMAT' });
    expect(await outcome(withType('application/vnd.dev.sigstore.bundle+json;version=0.1'))).toBe('fail');
  });
  it('fails where it is broken, and isn’t passed over', async () => {
    const text = JSON.stringify(p256);
    for (const broken of [text.slice(0, -1), text.replace('{', '{"mediaType":1,')])
      expect((await judge(broken)).kind).toBe('statement');
  });
});

describe('a log entry on a lone statement', () => {
  it('that is nonsense is shown as unknown, or fails', async () => {
    const entry = {
      logIndex: '9',
      logId: { keyId: 'AAAA' },
      kindVersion: { kind: 'nonsense', version: '1' },
      inclusionProof: {
        logIndex: '9',
        rootHash: 'AAAA',
        treeSize: '1',
        hashes: [],
        checkpoint: { envelope: '' },
      },
      canonicalizedBody: 'AAAA',
    };
    const statuses = async (kindVersion: Json) => {
      const verificationMaterial = {
        ...(p256.verificationMaterial as JsonObject),
        tlogEntries: [{ ...entry, kindVersion } as unknown as JsonObject],
      };
      const { checks } = await judge({ ...p256, verificationMaterial });
      return checks.filter(({ id }) => id.startsWith('log.')).map(({ status }) => status);
    };
    expect(await statuses({ kind: 'nonsense', version: '1' })).toEqual(['unknown', 'skipped', 'skipped']);
    expect(await statuses({ kind: 'hashedrekord', version: '0.0.2' })).toEqual(['fail', 'fail', 'fail']);
  });
});
