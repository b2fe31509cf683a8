import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type AnyEntry, newEnvelope, type Rekor, type Signed, startRekor } from '../../test/rekor-service.ts';
import { describeVectors, readVector } from '../../test/shared-vectors.ts';
import { RECEIPTS } from '../../test/signed-receipts.ts';
import { pae } from '../attest/dsse.ts';
import type { LogEntry } from '../attest/log-entry.ts';
import { type RekorLog, readRekorLogs } from '../attest/trusted-root.ts';
import { toBase64, utf8 } from '../core/bytes.ts';
import { sha256 } from '../core/digest.ts';
import { canonicalText } from '../core/jcs.ts';
import { PUBLIC_GOOD_ROOT } from '../online/public-good-root.ts';
import { submitToRekor } from '../online/rekor-client.ts';
import { pemOf } from './rekor-body.ts';
import { judgeRekorEntry } from './rekor-checks.ts';

interface Submitted {
  readonly rekor: Rekor;
  readonly envelope: Signed;
  readonly entry: LogEntry;
}

/** The second of three. */
async function submitted(version: 'v1' | 'v2'): Promise<Submitted> {
  const rekor = await startRekor(version);
  onTestFinished(rekor.close);
  const envelope = newEnvelope();
  await submitToRekor({ url: rekor.url, logs: rekor.logs }, newEnvelope('another'));
  const entry = await submitToRekor({ url: rekor.url, logs: rekor.logs }, envelope);
  return { rekor, envelope, entry };
}

const edited = (entry: LogEntry, edit: (entry: AnyEntry) => void): LogEntry => {
  const copy = structuredClone(entry);
  edit(copy);
  return copy;
};
/** The entry with another body, of the same log and signed in every place. */
function reentered({ rekor }: Submitted, entry: LogEntry, body: string): LogEntry {
  const bytes = Buffer.from(body);
  rekor.entries[2] = bytes;
  const signed = {
    body: toBase64(bytes),
    integratedTime: Number(entry.integratedTime),
    logIndex: Number(entry.logIndex),
  };
  return edited(entry, (copy) => {
    copy.canonicalizedBody = toBase64(bytes);
    if (copy.inclusionPromise) copy.inclusionPromise.signedEntryTimestamp = rekor.promise(signed);
    const note: string = rekor.checkpoint(3);
    copy.inclusionProof.checkpoint.envelope = note;
    copy.inclusionProof.rootHash = note.split('\n')[2];
  });
}

async function codes(entry: LogEntry, envelope: Signed, logs: readonly RekorLog[]): Promise<string[]> {
  const { entry: body, inclusion, checkpoint } = await judgeRekorEntry(entry, envelope, logs);
  return [body, inclusion, checkpoint].map(({ status, code }) => code ?? status);
}

const GOOD = ['pass', 'pass', 'pass'];
const flip = (text: string) => {
  const bytes = Buffer.from(text, 'base64');
  bytes[bytes.length >> 1]! ^= 1;
  return bytes.toString('base64');
};

describe.each(['v1', 'v2'] as const)('an entry of Rekor %s', (version) => {
  it('passes, and has a time where the log signs one', async () => {
    const { rekor, envelope, entry } = await submitted(version);
    const verdict = await judgeRekorEntry(entry, envelope, rekor.logs);
    expect(verdict.log).toBe(rekor.logs[0]);
    expect(verdict.integrated).toBe(version === 'v1' ? Number(entry.integratedTime) * 1000 : undefined);
  });

  it.each([
    ['logIndex', (entry: AnyEntry) => (entry.logIndex = '0')],
    ['logId', (entry: AnyEntry) => (entry.logId.keyId = flip(entry.logId.keyId))],
    ['kind', (entry: AnyEntry) => (entry.kindVersion.kind = 'intoto')],
    ['version', (entry: AnyEntry) => (entry.kindVersion.version = '0.0.3')],
    ['integratedTime', (entry: AnyEntry) => (entry.integratedTime = '1790000000')],
    ['proof’s index', (entry: AnyEntry) => (entry.inclusionProof.logIndex = '1')],
    [
      'proof’s root',
      (entry: AnyEntry) => (entry.inclusionProof.rootHash = flip(entry.inclusionProof.rootHash)),
    ],
    ['proof’s size', (entry: AnyEntry) => (entry.inclusionProof.treeSize = '4')],
    [
      'proof’s hash',
      (entry: AnyEntry) => (entry.inclusionProof.hashes[0] = flip(entry.inclusionProof.hashes[0])),
    ],
    ['a hash more', (entry: AnyEntry) => entry.inclusionProof.hashes.push(entry.inclusionProof.hashes[0])],
    ['no hash', (entry: AnyEntry) => (entry.inclusionProof.hashes = [])],
    ['body', (entry: AnyEntry) => (entry.canonicalizedBody = flip(entry.canonicalizedBody))],
  ])('does not pass with its %s changed', async (_, edit) => {
    const { rekor, envelope, entry } = await submitted(version);
    const verdict = await judgeRekorEntry(edited(entry, edit), envelope, rekor.logs);
    expect([verdict.entry, verdict.inclusion, verdict.checkpoint].map(({ status }) => status)).not.toEqual(
      GOOD,
    );
    expect(verdict.integrated).toBeUndefined();
    expect(verdict.log).toBeUndefined();
  });

  it('has no byte of its checkpoint that could be another', async () => {
    const { rekor, envelope, entry } = await submitted(version);
    const note = Buffer.from(entry.inclusionProof.checkpoint.envelope);
    for (let i = 0; i < note.length; i++) {
      const changed = Buffer.from(note);
      changed[i]! ^= 1;
      const other = edited(entry, (copy) => {
        copy.inclusionProof.checkpoint.envelope = changed.toString();
      });
      expect(await codes(other, envelope, rekor.logs), `byte ${i}`).not.toEqual(GOOD);
    }
  });

  it('is bound to payload, type, signature and key', async () => {
    const { rekor, envelope, entry } = await submitted(version);
    const other = newEnvelope();
    const { payload, payloadType, signature } = envelope.envelope;
    const judged = (envelope: Signed['envelope'], spki = other.spki) =>
      codes(entry, { envelope, spki }, rekor.logs);
    expect((await judged({ payloadType, signature, payload: utf8('other') }))[0]).toBe('log.digest');
    expect((await judged({ ...envelope.envelope, signature: other.envelope.signature }))[0]).toBe(
      'log.signature',
    );
    expect((await judged(envelope.envelope))[0]).toBe('log.key');
    // The type is bound by the signature where the body leaves it out, and here it is known to hold.
    const typed = await judged({ payload, signature, payloadType: 'text/plain' }, envelope.spki);
    expect(typed[0]).toBe(version === 'v2' ? 'log.digest' : 'pass');
  });

  it('of a log that no root names is unknown, and so is a key of a kind that is not', async () => {
    const { rekor, envelope, entry } = await submitted(version);
    expect(await codes(entry, envelope, [])).toEqual(['pass', 'pass', 'log.unknown']);
    const [{ algorithm, ...unread }] = rekor.logs as [RekorLog];
    expect(algorithm).toBeDefined();
    expect(await codes(entry, envelope, [unread])).toEqual(['pass', 'pass', 'log.algorithm']);
  });

  it('must have its own log’s origin', async () => {
    const { rekor, envelope, entry } = await submitted(version);
    for (const origin of ['other.example.org', 'rekor.example.org - x', 'rekor.example.org -  1']) {
      const moved = edited(entry, (copy) => {
        copy.inclusionProof.checkpoint.envelope = rekor.checkpoint(3, { origin });
      });
      expect((await codes(moved, envelope, rekor.logs))[2], origin).toBe('checkpoint.origin');
    }
    const sharded = edited(entry, (copy) => {
      copy.inclusionProof.checkpoint.envelope = rekor.checkpoint(3, { origin: 'rekor.example.org - 12' });
    });
    expect((await codes(sharded, envelope, rekor.logs))[2]).toBe(
      version === 'v1' ? 'pass' : 'checkpoint.origin',
    );
  });

  it.each([
    ['no JSON', '{'],
    ['nesting', '['.repeat(100_000)],
    ['another kind', canonicalText({ apiVersion: '0.0.1', kind: 'intoto', spec: {} })],
    ['another version', canonicalText({ apiVersion: '0.0.9', kind: 'dsse', spec: {} })],
  ])('with a body of %s fails, however well it is included', async (_, body) => {
    const all = await submitted(version);
    expect((await codes(reentered(all, all.entry, body), all.envelope, all.rekor.logs))[0]).toMatch(
      /^entry\./,
    );
  });
});

describe('an entry of Rekor v1', () => {
  it('needs a signature over its time, by a key that was valid then', async () => {
    const { rekor, envelope, entry } = await submitted('v1');
    const early = { ...rekor.logs[0]!, end: Number(entry.integratedTime) * 1000 - 1 };
    expect((await codes(entry, envelope, [early]))[2]).toBe('log.window');
    expect(await codes(entry, envelope, [early, rekor.logs[0]!])).toEqual(GOOD);
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const forged = edited(entry, (copy) => {
      copy.inclusionPromise.signedEntryTimestamp = sign('sha256', Buffer.from('x'), other).toString('base64');
    });
    expect((await codes(forged, envelope, rekor.logs))[2]).toBe('log.promise');
  });

  it('without a promise has no time, and then counts as its proof does', async () => {
    const { rekor, envelope, entry } = await submitted('v1');
    const { inclusionPromise, integratedTime, ...bare } = entry;
    expect(await codes(bare, envelope, rekor.logs)).toEqual(['pass', 'log.index', 'pass']);
    const counted = { ...bare, logIndex: entry.inclusionProof.logIndex };
    const verdict = await judgeRekorEntry(counted, envelope, rekor.logs);
    expect(verdict.log).toBeDefined();
    expect(verdict.integrated).toBeUndefined();
    expect((await codes({ ...counted, integratedTime: integratedTime! }, envelope, rekor.logs))[1]).toBe(
      'log.integrated-time',
    );
    expect((await codes({ ...entry, integratedTime: '0' }, envelope, rekor.logs))[1]).toBe(
      'log.integrated-time',
    );
    expect(inclusionPromise).toBeDefined();
  });

  it('may be a hashedrekord, over the pre-authentication encoding', async () => {
    const all = await submitted('v1');
    const { envelope, spki } = all.envelope;
    const body = (digest: Uint8Array, publicKey = pemOf(spki)) =>
      canonicalText({
        apiVersion: '0.0.1',
        kind: 'hashedrekord',
        spec: {
          data: { hash: { algorithm: 'sha256', value: Buffer.from(digest).toString('hex') } },
          signature: { content: toBase64(envelope.signature), publicKey: { content: publicKey } },
        },
      });
    const hashed = edited(all.entry, (copy) => {
      copy.kindVersion.kind = 'hashedrekord';
    });
    const judged = (text: string) => codes(reentered(all, hashed, text), all.envelope, all.rekor.logs);
    const digest = sha256(pae(envelope.payloadType, envelope.payload));
    expect(await judged(body(digest))).toEqual(GOOD);
    expect((await judged(body(sha256(envelope.payload))))[0]).toBe('log.digest');
    expect((await judged(body(digest, pemOf(newEnvelope().spki))))[0]).toBe('log.key');
    const certificate = Buffer.from(pemOf(spki), 'base64').toString().replaceAll('PUBLIC KEY', 'CERTIFICATE');
    expect((await judged(body(digest, Buffer.from(certificate).toString('base64'))))[0]).toBe('log.key');
  });
});

it('an entry of Rekor v2 has no promise', async () => {
  const { rekor, envelope, entry } = await submitted('v2');
  const promised = {
    ...entry,
    integratedTime: '1790000000',
    inclusionPromise: { signedEntryTimestamp: toBase64(utf8('a signature')) },
  };
  expect((await codes(promised, envelope, rekor.logs))[1]).toBe('log.integrated-time');
});

describe('a trusted root', () => {
  it('gives the logs of Sigstore’s public instance', () => {
    const logs = readRekorLogs(PUBLIC_GOOD_ROOT).value!;
    expect(logs.map(({ host, algorithm }) => [host, algorithm])).toEqual([
      ['rekor.sigstore.dev', 'p256'],
      ['log2025-1.rekor.sigstore.dev', 'ed25519'],
    ]);
    expect(logs[0]!.start).toBe(Date.parse('2021-01-12T11:53:27Z'));
    expect(logs[0]!.end).toBe(Number.POSITIVE_INFINITY);
  });

  it('keeps a log whose key or hash is not known here, and says so', () => {
    for (const edit of [
      (log: AnyEntry) => (log.publicKey.keyDetails = 'PKIX_RSA_PKCS1V15_2048_SHA256'),
      (log: AnyEntry) => (log.publicKey.rawBytes = 'AAAA'),
      (log: AnyEntry) => (log.hashAlgorithm = 'SHA3_256'),
    ]) {
      const root = JSON.parse(PUBLIC_GOOD_ROOT);
      edit(root.tlogs[0]);
      expect(readRekorLogs(JSON.stringify(root)).value!.map(({ algorithm }) => algorithm)).toEqual([
        undefined,
        'ed25519',
      ]);
    }
  });

  it.each([
    ['no JSON', () => '{'],
    ['another document', () => '{}'],
    ['no log', (root: AnyEntry) => (root.tlogs = [])],
    ['a log without an id', (root: AnyEntry) => delete root.tlogs[0].logId],
    ['an address that is none', (root: AnyEntry) => (root.tlogs[0].baseUrl = 'rekor')],
    ['a time that is none', (root: AnyEntry) => (root.tlogs[0].publicKey.validFor.start = 'always')],
    ['a key in no base64', (root: AnyEntry) => (root.tlogs[0].publicKey.rawBytes = '!')],
  ])('is refused with %s', (_, edit) => {
    const root = JSON.parse(PUBLIC_GOOD_ROOT);
    const text = edit(root);
    const broken = typeof text === 'string' && text.startsWith('{') ? text : JSON.stringify(root);
    expect(readRekorLogs(broken).fault).toBeDefined();
  });
});

/** They are about a certificate's signature over a file, so the body is not ours; all else of them is judged. */
describeVectors('real entries of the public Rekor', 'aiir/signed', () => {
  it.each(RECEIPTS)('%s', async (name) => {
    const [entry] = JSON.parse(readVector(`aiir/signed/${name}.sigstore`).toString()).verificationMaterial
      .tlogEntries;
    const logs = readRekorLogs(PUBLIC_GOOD_ROOT).value!;
    const { inclusion, checkpoint } = await judgeRekorEntry(entry, newEnvelope(), logs);
    expect([inclusion, checkpoint]).toMatchObject([{ status: 'pass' }, { status: 'pass' }]);
    const later = { ...entry, integratedTime: String(Number(entry.integratedTime) + 1) };
    expect((await judgeRekorEntry(later, newEnvelope(), logs)).checkpoint.code).toBe('log.promise');
  });
});
