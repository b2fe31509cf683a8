import { generateKeyPairSync } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { bundleFromJSON } from '@sigstore/bundle';
import { ASN1Obj } from '@sigstore/core';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { edit, type Json, paths } from '../../test/mutations.ts';
import {
  type AnyBundle,
  b64,
  type CertificateOptions,
  daysFromNow,
  der,
  digest,
  extension,
  generalName,
  HOST,
  IDENTITY,
  type Instance,
  ISSUER,
  makeInstance,
  NOW,
  oid,
  type SignOptions,
} from '../../test/sigstore-instance.ts';
import { type KeylessContent, verifyKeyless } from './keyless.ts';

const ARTIFACT = Buffer.from('{"counts":{"00":512}}\n');
const PAYLOAD = Buffer.from('{"_type":"https://in-toto.io/Statement/v1"}');
const IN_TOTO = 'application/vnd.in-toto+json';
const BLOB: KeylessContent = { kind: 'blob', bytes: ARTIFACT };

let sigstore: Instance;
let root: string;
beforeAll(async () => {
  sigstore = await makeInstance();
  root = sigstore.trustedRoot();
});

/** Whether @sigstore/verify alone takes it: then the refusal is ours. */
function sigstoreAccepts(
  bundle: AnyBundle,
  trusted = root,
  artifact: Buffer | undefined = ARTIFACT,
): boolean {
  const material = toTrustMaterial(TrustedRoot.fromJSON(JSON.parse(trusted)));
  try {
    const entity = toSignedEntity(bundleFromJSON(bundle), bundle.dsseEnvelope ? undefined : artifact);
    new Verifier(material, { ctlogThreshold: 0 }).verify(entity);
    return true;
  } catch {
    return false;
  }
}

const result = (bundle: AnyBundle, content: KeylessContent = BLOB, trusted = root) => {
  const judged = verifyKeyless(bundle, content, trusted);
  return judged.status === 'pass' ? 'pass' : `${judged.status} ${judged.code}: ${judged.evidence}`;
};
const entryOf = (bundle: AnyBundle) => bundle.verificationMaterial.tlogEntries[0];

/** What Sigstore takes, and we don't, for this reason. */
function expectOurs(bundle: AnyBundle, reason: RegExp, trusted = root): void {
  expect(sigstoreAccepts(bundle, trusted), 'by @sigstore/verify alone').toBe(true);
  expect(result(bundle, bundle.dsseEnvelope ? { kind: 'dsse' } : BLOB, trusted)).toMatch(reason);
}

describe('a good bundle', () => {
  it('says who signed a file, and the time that the log signed', async () => {
    expect(verifyKeyless(await sigstore.signBlob(ARTIFACT), BLOB, root)).toEqual({
      status: 'pass',
      identity: IDENTITY,
      issuer: ISSUER,
      integratedTime: NOW.getTime(),
    });
  });

  it('of a log without times has the time of a stamp', async () => {
    const bundle = await sigstore.signBlob(ARTIFACT, { version: 2 });
    const judged = verifyKeyless(bundle, BLOB, root);
    expect(judged).toMatchObject({ status: 'pass', timestamp: NOW.getTime() });
    expect(judged).not.toHaveProperty('integratedTime');
  });

  it.each([
    ['hashedrekord', 1],
    ['hashedrekord', 2],
    ['dsse', 1],
    ['dsse', 2],
    ['intoto', 1],
  ] as const)('may hold an envelope, logged as %s of Rekor v%i', async (kind, version) => {
    const bundle = await sigstore.signEnvelope(PAYLOAD, IN_TOTO, kind, { version });
    expect(sigstoreAccepts(bundle)).toBe(true);
    expect(result(bundle, { kind: 'dsse' })).toBe('pass');
  });

  it.each(['0.1', '0.2'])(
    'may be of version %s, with the root’s certificates in its chain',
    async (version) => {
      const mediaType = `application/vnd.dev.sigstore.bundle+json;version=${version}`;
      const bundle = await sigstore.signBlob(ARTIFACT, { mediaType });
      expect(result(bundle)).toBe('pass');
      bundle.verificationMaterial.x509CertificateChain.certificates.push({ rawBytes: b64(sigstore.root) });
      expect(result(bundle)).toBe('pass');
    },
  );

  it('of version 0.1 needs no proof beside the promise', async () => {
    const mediaType = 'application/vnd.dev.sigstore.bundle+json;version=0.1';
    const bundle = await sigstore.signBlob(ARTIFACT, { mediaType });
    delete entryOf(bundle).inclusionProof;
    expect(result(bundle)).toBe('pass');
  });

  it('may have cosignatures of keys that no one here knows', async () => {
    const bundle = await sigstore.signBlob(ARTIFACT);
    entryOf(bundle).inclusionProof.checkpoint.envelope += `— witness.example.org ${b64(Buffer.alloc(76))}\n`;
    expect(result(bundle)).toBe('pass');
  });

  it.each([
    ['an e-mail address', generalName(0x81, 'ada@example.org'), 'ada@example.org'],
    [
      'a user name',
      der(0xa0, oid('1.3.6.1.4.1.57264.1.7'), der(0xa0, der(0x0c, Buffer.from('ada!example.org')))),
      'ada!example.org',
    ],
  ])('may be of %s', async (_, name, identity) => {
    const bundle = await sigstore.signBlob(ARTIFACT, { signer: { names: [name] } });
    expect(verifyKeyless(bundle, BLOB, root)).toMatchObject({ status: 'pass', identity });
  });

  it.each([{ issuerV1: undefined }, { issuerV2: undefined }])(
    'may name its issuer once: %o',
    async (signer) => {
      expect(result(await sigstore.signBlob(ARTIFACT, { signer }))).toBe('pass');
    },
  );
});

describe('what @sigstore/verify takes and we refuse', () => {
  const edits: [string, SignOptions, RegExp, (entry: AnyBundle) => void][] = [
    ['another outer index', { version: 2 }, /logIndex contradicts/, (entry) => (entry.logIndex = '0')],
    ['no outer index', { version: 2 }, /logIndex contradicts/, (entry) => delete entry.logIndex],
    [
      'another root hash',
      {},
      /rootHash is not/,
      (entry) => (entry.inclusionProof.rootHash = b64(Buffer.alloc(32))),
    ],
    ['another tree size', {}, /treeSize is not/, (entry) => (entry.inclusionProof.treeSize = '3')],
    [
      'a time that no one signs',
      { version: 2 },
      /keyless.shape: .*integratedTime/,
      (entry) => (entry.integratedTime = '1600000000'),
    ],
    ['an unknown member', {}, /keyless.shape: .*unknown member "note"/, (entry) => (entry.note = 'x')],
    [
      'base64 of another form',
      {},
      /keyless.shape/,
      (entry) => (entry.canonicalizedBody = ` ${entry.canonicalizedBody}`),
    ],
    ['a number for a text', {}, /keyless.shape/, (entry) => (entry.logIndex = 1001)],
    [
      'null for what is not there',
      { version: 2 },
      /keyless.shape/,
      (entry) => (entry.inclusionPromise = null),
    ],
    [
      'text after the checkpoint',
      {},
      /no signature/,
      (entry) => (entry.inclusionProof.checkpoint.envelope += 'and more\n'),
    ],
    [
      'a second line by the log’s key, in a part of its name',
      {},
      /not signed once/,
      (entry) => {
        const { envelope } = entry.inclusionProof.checkpoint;
        const [body] = envelope.split('\n\n');
        entry.inclusionProof.checkpoint.envelope += sigstore.signatureLine(`${body}\n`, 'rekor');
      },
    ],
    [
      'a forged line in the log’s name, beside a good one in a part of it',
      {},
      /not signed once/,
      (entry) => {
        const { checkpoint } = entry.inclusionProof;
        const [body] = checkpoint.envelope.split('\n\n');
        const forged = sigstore.signatureLine('something else\n', HOST);
        checkpoint.envelope = `${body}\n\n${forged}${sigstore.signatureLine(`${body}\n`, 'rekor')}`;
      },
    ],
  ];
  it.each(edits)('%s', async (_, options, reason, change) => {
    const bundle = await sigstore.signBlob(ARTIFACT, options);
    change(entryOf(bundle));
    expectOurs(bundle, reason);
  });

  it('an origin that is another log’s', async () => {
    const bundle = await sigstore.signBlob(ARTIFACT);
    const { inclusionProof } = entryOf(bundle);
    inclusionProof.checkpoint.envelope = sigstore.note(['log.example.org', '2', inclusionProof.rootHash]);
    expectOurs(bundle, /origin is not the log/);
  });

  it('a checkpoint signed in a part of the log’s name', async () => {
    expectOurs(await sigstore.signBlob(ARTIFACT, { host: 'example' }), /not signed once/);
  });

  it.each([1, 2] as const)('an entry of Rekor v%i that names another certificate', async (version) => {
    const certificate = sigstore.root;
    expectOurs(await sigstore.signBlob(ARTIFACT, { version, certificate }), /another key/);
    for (const kind of ['hashedrekord', 'dsse'] as const)
      expectOurs(
        await sigstore.signEnvelope(PAYLOAD, IN_TOTO, kind, { version, certificate }),
        /another key/,
      );
  });

  it('an intoto entry that names another certificate', async () => {
    const options = { certificate: sigstore.root };
    expectOurs(await sigstore.signEnvelope(PAYLOAD, IN_TOTO, 'intoto', options), /another key/);
  });

  it('an entry that names a bare key', async () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString();
    expectOurs(await sigstore.signBlob(ARTIFACT, { pem }), /another key/);
  });

  it('an entry with members of no meaning', async () => {
    const bundle = await sigstore.signBlob(ARTIFACT);
    const body = JSON.parse(Buffer.from(entryOf(bundle).canonicalizedBody, 'base64').toString());
    body.spec.note = 'x';
    bundle.verificationMaterial.tlogEntries = [sigstore.enter(body)];
    expectOurs(bundle, /unknown member "note"/);
  });

  it('a digest, logged too, that is another file’s', async () => {
    expectOurs(await sigstore.signBlob(ARTIFACT, { digest: digest(PAYLOAD) }), /keyless.digest/);
  });

  it.each([
    ['expired', { start: daysFromNow(-100), end: daysFromNow(-1) }],
    ['not yet valid', { start: daysFromNow(1) }],
  ])('a log key that was %s at the time of the stamp', async (_, validFor) => {
    const trusted = sigstore.trustedRoot((json) => (json.tlogs[0].publicKey.validFor = validFor));
    expectOurs(await sigstore.signBlob(ARTIFACT, { version: 2 }), /not valid at the time/, trusted);
    expect(result(await sigstore.signBlob(ARTIFACT), BLOB, trusted)).toMatch(/^fail keyless.log/);
  });

  it('a time stamp that was not granted', async () => {
    const bundle = await sigstore.signBlob(ARTIFACT, { version: 2 });
    const [stamp] = bundle.verificationMaterial.timestampVerificationData.rfc3161Timestamps;
    const bytes = Buffer.from(stamp.signedTimestamp, 'base64');
    const status = bytes.indexOf(Buffer.of(0x30, 0x03, 0x02, 0x01, 0x00)) + 4;
    bytes[status] = 2;
    stamp.signedTimestamp = b64(bytes);
    expectOurs(bundle, /not granted/);
  });

  it('a chain with a certificate that the root doesn’t have, or one twice', async () => {
    const mediaType = 'application/vnd.dev.sigstore.bundle+json;version=0.2';
    const bundle = await sigstore.signBlob(ARTIFACT, { mediaType });
    const { certificates } = bundle.verificationMaterial.x509CertificateChain;
    certificates.push({ rawBytes: b64((await makeInstance()).root) });
    expectOurs(bundle, /keyless.certificate/);
    certificates[1] = { rawBytes: b64(sigstore.root) };
    certificates[2] = certificates[1];
    expectOurs(bundle, /keyless.certificate/);
  });

  const signers: [string, CertificateOptions, RegExp][] = [
    [
      'two identities',
      { names: [generalName(0x86, IDENTITY), generalName(0x81, 'ada@example.org')] },
      /names 2 identities/,
    ],
    ['no identity', { names: [] }, /names 0 identities/],
    ['an identity of another kind', { names: [generalName(0x82, 'example.org')] }, /its identity is/],
    [
      'an identity whose bytes only look like text',
      {
        names: [
          generalName(
            0x86,
            Buffer.from(IDENTITY).map((byte, i) => (i === 9 ? byte | 0x80 : byte)),
          ),
        ],
      },
      /its identity is/,
    ],
    ['two issuers', { issuerV1: 'https://other.example.org' }, /no issuer, or two/],
    ['no issuer', { issuerV1: undefined, issuerV2: undefined }, /no issuer, or two/],
    ['a key for servers', { uses: ['1.3.6.1.5.5.7.3.1'] }, /not for code signing/],
    ['a key that is not for signatures', { usage: 0x08 }, /not for signatures/],
    [
      'an authority’s certificate',
      { extra: [extension('2.5.29.19', true, der(0x30, der(0x01, Buffer.of(0xff))))] },
      /authority's/,
    ],
    [
      'a critical extension of no known meaning',
      { extra: [extension('1.2.3.4', true, der(0x05))] },
      /1\.2\.3\.4/,
    ],
    [
      'an extension twice',
      { extra: [extension('2.5.29.17', true, der(0x30, generalName(0x86, 'https://other.example.org')))] },
      /extension twice/,
    ],
  ];
  it.each(signers)('a certificate with %s', async (_, signer, reason) => {
    expectOurs(await sigstore.signBlob(ARTIFACT, { signer }), reason);
  });
});

it('a stamp with unsigned attributes or a stranger’s certificate is ours to refuse, and the authority’s own copy is not', async () => {
  const bundle = await sigstore.signBlob(ARTIFACT, { version: 2 });
  const { rfc3161Timestamps } = bundle.verificationMaterial.timestampVerificationData;
  const { signedTimestamp } = rfc3161Timestamps[0];
  const withPart = (at: readonly number[], part: Buffer) =>
    b64(insert(ASN1Obj.parseBuffer(Buffer.from(signedTimestamp, 'base64')), at, part));
  const SIGNED_DATA = [1, 1, 0];
  rfc3161Timestamps[0] = { signedTimestamp: withPart([...SIGNED_DATA, 3], der(0xa0, sigstore.root)) };
  expectOurs(bundle, /aren't the authority's/);
  rfc3161Timestamps[0] = { signedTimestamp: withPart([...SIGNED_DATA, 3], der(0x80, sigstore.root)) };
  expectOurs(bundle, /aren't the authority's/);
  rfc3161Timestamps[0] = { signedTimestamp: withPart([...SIGNED_DATA, 4, 0, 6], der(0xa1, der(0x30))) };
  expectOurs(bundle, /attributes that none covers/);
  rfc3161Timestamps[0] = { signedTimestamp: withPart([...SIGNED_DATA, 3], der(0xa0, sigstore.clock)) };
  expect(result(bundle)).toBe('pass');
});

/** The DER of an object with a part more at a place in it. */
function insert(object: ASN1Obj, [index, ...rest]: readonly number[], part: Buffer): Buffer {
  const parts = object.subs.map((sub, i) =>
    rest.length > 0 && i === index ? insert(sub, rest, part) : sub.toDER(),
  );
  if (rest.length === 0) parts.splice(index!, 0, part);
  return der(object.tag.toDER(), ...parts);
}

describe('what both refuse', () => {
  const edits: [string, SignOptions, RegExp, (bundle: AnyBundle) => void][] = [
    ['a bundle without a verified time', { version: 2, stamped: false }, /^fail keyless.time/, () => {}],
    [
      'a certificate that had expired',
      { signer: { from: daysFromNow(-1) } },
      /^fail keyless.certificate/,
      () => {},
    ],
    [
      'an outer index that the SET doesn’t sign',
      {},
      /^fail keyless.log/,
      (bundle) => (entryOf(bundle).logIndex = '1002'),
    ],
    [
      'an entry twice',
      {},
      /^fail keyless.log: .*twice/,
      (bundle) => bundle.verificationMaterial.tlogEntries.push(entryOf(bundle)),
    ],
    [
      'an entry of one body at two places',
      { version: 2 },
      /^fail keyless.log: .*twice/,
      (bundle) => bundle.verificationMaterial.tlogEntries.push({ ...entryOf(bundle), logIndex: '0' }),
    ],
    [
      'a stamp twice',
      { version: 2 },
      /^fail keyless.time/,
      (bundle) => {
        const { rfc3161Timestamps: stamps } = bundle.verificationMaterial.timestampVerificationData;
        stamps.push(stamps[0]);
      },
    ],
    ['no entry', {}, /^fail keyless.shape/, (bundle) => (bundle.verificationMaterial.tlogEntries = [])],
    [
      'a body that is no JSON',
      {},
      /^fail keyless.malformed/,
      (bundle) => (entryOf(bundle).canonicalizedBody = b64(Buffer.from('{'))),
    ],
    [
      'a certificate that is none',
      {},
      /^fail keyless.malformed/,
      (bundle) => (bundle.verificationMaterial.certificate.rawBytes = b64(Buffer.from('certificate'))),
    ],
    [
      'a kind of entry that is inherited from Object',
      { body: { apiVersion: 'constructor', kind: '', spec: {} } },
      /^fail keyless/,
      () => {},
    ],
  ];
  it.each(edits)('%s', async (_, options, reason, change) => {
    const bundle = await sigstore.signBlob(ARTIFACT, options);
    change(bundle);
    expect(sigstoreAccepts(bundle)).toBe(false);
    expect(result(bundle)).toMatch(reason);
  });

  it('another file, and a file in place of an envelope', async () => {
    const bundle = await sigstore.signBlob(ARTIFACT);
    expect(result(bundle, { kind: 'blob', bytes: PAYLOAD })).toMatch(/^fail keyless.digest/);
    expect(result(bundle, { kind: 'dsse' })).toMatch(/^fail keyless.shape/);
  });

  it('an envelope with two signatures, or another payload or type', async () => {
    const bundle = await sigstore.signEnvelope(PAYLOAD, IN_TOTO, 'dsse');
    const { dsseEnvelope } = bundle;
    for (const changed of [
      { signatures: [...dsseEnvelope.signatures, ...dsseEnvelope.signatures] },
      { signatures: [] },
      { payload: b64(ARTIFACT) },
      { payloadType: 'application/json' },
    ])
      expect(result({ ...bundle, dsseEnvelope: { ...dsseEnvelope, ...changed } }, { kind: 'dsse' })).toMatch(
        /^fail keyless.(shape|signature)/,
      );
  });

  it('whatever else stands anywhere in a bundle, without an error', async () => {
    const bundle = await sigstore.signBlob(ARTIFACT, { version: 2 });
    const everywhere = [...paths(bundle)];
    fc.assert(
      fc.property(fc.constantFrom(...everywhere), fc.jsonValue(), (path, value) => {
        const edited = edit(bundle, path, (parent, name) => {
          parent[name] = value as Json;
        });
        if (isDeepStrictEqual(edited, bundle)) return;
        expect(result(edited)).toMatch(/^(fail|unknown)/);
      }),
    );
  });

  it.each([
    [
      'a certificate',
      (bundle: AnyBundle, bytes: string) => (bundle.verificationMaterial.certificate.rawBytes = bytes),
    ],
    [
      'a stamp',
      (bundle: AnyBundle, bytes: string) =>
        (bundle.verificationMaterial.timestampVerificationData.rfc3161Timestamps[0].signedTimestamp = bytes),
    ],
  ])('%s of endless nesting or breadth, in time', async (_, put) => {
    let nested: Buffer = Buffer.of(4, 0);
    while (nested.length < 60_000) nested = der(0x04, nested);
    const broad = der(0x30, ...Array.from({ length: 20_000 }, () => Buffer.of(4, 1, 0)));
    for (const bytes of [nested, broad]) {
      const bundle = await sigstore.signBlob(ARTIFACT, { version: 2 });
      put(bundle, b64(bytes));
      const started = performance.now();
      expect(result(bundle)).toMatch(/^fail keyless.malformed/);
      expect(performance.now() - started).toBeLessThan(5000);
    }
  });

  it.each([null, 1, 'x', [], {}])('%j in place of a bundle', (value) => {
    expect(result(value)).toMatch(/^fail keyless.shape/);
  });
});

describe('a trusted root that doesn’t know what the bundle rests on', () => {
  it.each([
    ['another instance', () => {}, /the authority/],
    [
      'no such log',
      (json: AnyBundle, own: AnyBundle) => (json.certificateAuthorities = own.certificateAuthorities),
      /the log/,
    ],
    [
      'no such clock',
      (json: AnyBundle, own: AnyBundle) => Object.assign(json, { ...own, timestampAuthorities: [] }),
      /time-stamping/,
    ],
  ])('leaves it unknown: %s', async (_, change, reason) => {
    const stranger = (await makeInstance('another authority')).trustedRoot((json) =>
      change(json, JSON.parse(root)),
    );
    const bundle = await sigstore.signBlob(ARTIFACT, { stamped: true });
    expect(result(bundle, BLOB, stranger)).toMatch(/^unknown keyless.root/);
    expect(result(bundle, BLOB, stranger)).toMatch(reason);
    expect(result(bundle, { kind: 'blob', bytes: PAYLOAD }, stranger), 'broken all the same').toMatch(
      /^fail/,
    );
  });

  it('asks for a certificate log where it names one', async () => {
    const trusted = sigstore.trustedRoot((json) => (json.ctlogs = json.tlogs));
    expect(result(await sigstore.signBlob(ARTIFACT), BLOB, trusted)).toMatch(
      /^fail keyless.certificate: .*SCT/,
    );
  });

  it('leaves an authority of the same name and another key unknown', async () => {
    const stranger = (await makeInstance()).trustedRoot();
    expect(result(await sigstore.signBlob(ARTIFACT), BLOB, stranger)).toMatch(/^unknown keyless.root/);
  });
});
