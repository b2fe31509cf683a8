/** By when a bundle existed, on the word of others: witnesses in memory, windows, and the verifier's clock, which has no say. */

import { sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fromBase64, fromUtf8, toBase64, toHex, utf8 } from '../src/core/bytes.ts';
import { sha256 } from '../src/core/digest.ts';
import { canonicalBytes } from '../src/core/jcs.ts';
import type { JsonObject } from '../src/core/json.ts';
import { formatTime } from '../src/core/time.ts';
import { spki } from '../src/store/identity.ts';
import { formatNote, parseNote } from '../src/tlog/note.ts';
import { formatVkey, hashVkey } from '../src/tlog/vkey.ts';
import { asRekor } from '../src/verify/log-checks.ts';
import type { PolicySigner } from '../src/verify/policy.ts';
import { pemOf } from '../src/verify/rekor-body.ts';
import type { Trust } from '../src/verify/trust.ts';
import { verifyBytes } from '../src/verify/verify.ts';
import {
  bodyOf,
  demandingAll,
  entryOf,
  fullBundle,
  newLog,
  type TestBundle,
  withEntries,
} from './bundles.ts';
import { NOW } from './records.ts';
import { envelopes, newIdentity, payloadOf } from './statements.ts';
import { cosign, newWitness } from './witnesses.ts';

/** Seconds since 1970. */
const AT = NOW / 1000 + 3600;
const YEAR_MS = 365.25 * 86_400_000;

const full: TestBundle = await fullBundle();
const witnesses = ['w1', 'w2', 'w3'].map((name) => newWitness(`${name}.example.org`));
const original = JSON.parse(fromUtf8(full.bytes)!) as JsonObject & { statements: JsonObject[] };

/** With every log entry's checkpoint as `change` makes it. */
function withCheckpoints(change: (note: string) => string): JsonObject {
  const statements = original.statements.map((statement) => {
    const { tlogEntries = [] } = statement.verificationMaterial as unknown as { tlogEntries?: JsonObject[] };
    const entries = tlogEntries.map((entry) => {
      const proof = entry.inclusionProof as unknown as JsonObject & { checkpoint: { envelope: string } };
      return {
        ...entry,
        inclusionProof: { ...proof, checkpoint: { envelope: change(proof.checkpoint.envelope) } },
      };
    });
    return withEntries(statement, ...(entries as unknown as JsonObject[]));
  });
  return { ...original, statements };
}

function trusting(quorum: number, extra: Partial<PolicySigner> = {}, existedBy?: number): Trust {
  const trust = demandingAll(full.identity, full.log) as Extract<Trust, { kind: 'policy' }>;
  const [signer] = trust.policy.signer!;
  return {
    ...trust,
    policy: {
      ...trust.policy,
      signer: [{ ...signer!, ...extra }],
      log: [{ ...trust.policy.log![0]!, witnesses: witnesses.map(({ vkey }) => formatVkey(vkey)), quorum }],
      require: {
        bundle: {
          ...trust.policy.require!.bundle,
          witnesses: true,
          ...(existedBy === undefined ? {} : { existed_by: existedBy }),
        },
      },
    },
  };
}

const judge = (bundle: JsonObject, trust: Trust, now = NOW) =>
  verifyBytes(utf8(JSON.stringify(bundle)), trust, now);
const byTwo = withCheckpoints((note) => cosign(cosign(note, witnesses[0]!, AT), witnesses[1]!, AT + 60));

describe('a quorum of witnesses', () => {
  it('dates the bundle by the time at which it was reached', async () => {
    const { verdict, checks } = await judge(byTwo, trusting(2));
    expect(verdict).toBe('pass');
    const existed = checks.find(({ id }) => id === 'time.existed_by');
    expect(existed?.evidence).toContain(
      `existed by ${formatTime((AT + 60) * 1000)}, on the word of 2 witnesses`,
    );
    const one = await judge(byTwo, trusting(1));
    expect(one.checks.find(({ id }) => id === 'time.existed_by')?.evidence).toContain(formatTime(AT * 1000));
  });

  it('that is not reached is unknown, and missing where it is demanded', async () => {
    expect(await judge(byTwo, trusting(3))).toMatchObject({
      verdict: 'inconclusive',
      headline: 'INCOMPLETE: log.witnesses',
    });
    expect(await judge(original, trusting(1))).toMatchObject({ headline: 'INCOMPLETE: log.witnesses' });
  });

  it('isn’t made up by one witness under two names, twice', async () => {
    const [first] = witnesses;
    const twice = withCheckpoints((note) => cosign(cosign(note, first!, AT), first!, AT + 1));
    expect(await judge(twice, trusting(2))).toMatchObject({ headline: 'INCOMPLETE: log.witnesses' });
  });

  it('with one line that is not over this tree, or at time 0, fails', async () => {
    const other = withCheckpoints((note) => {
      const { signatures } = parseNote(utf8(cosign(note.replace('\n2\n', '\n3\n'), witnesses[2]!, AT)))
        .value!;
      const { text, signatures: own } = parseNote(utf8(note)).value!;
      return formatNote({ text, signatures: [...own, signatures.at(-1)!] });
    });
    expect(await judge(other, trusting(1))).toMatchObject({
      verdict: 'fail',
      headline: 'FAIL: log.witnesses',
    });
    const never = withCheckpoints((note) => cosign(note, witnesses[0]!, 0));
    expect(await judge(never, trusting(1))).toMatchObject({ verdict: 'fail' });
  });
});

describe('a split view', () => {
  it('in one bundle is caught by its own checkpoints', async () => {
    const [p256] = envelopes(full.identity, payloadOf(full.record));
    const forked = withEntries(p256, entryOf(full.log, bodyOf(p256, spki(full.identity.p256))));
    const both = { ...original, statements: [...original.statements, forked] };
    expect(await judge(both, trusting(1))).toMatchObject({ headline: 'FAIL: log.consistency' });
  });

  it('is caught by the quorum: what one victim is shown no witness has cosigned', async () => {
    // The log signs another tree of the same size for this victim.
    const [p256] = envelopes(full.identity, payloadOf(full.record));
    const forked = withEntries(p256, entryOf(full.log, bodyOf(p256, spki(full.identity.p256))));
    const others = original.statements.filter((one) => !JSON.stringify(one).includes('"treeSize":"2"'));
    const { headline } = await judge({ ...original, statements: [forked, ...others] }, trusting(1));
    expect(headline).toContain('log.witnesses');
  });
});

describe('a signer’s window', () => {
  const verdicts = async (extra: Partial<PolicySigner>) =>
    Promise.all(
      [byTwo, original].map(
        async (bundle) => (await judge(bundle, trusting(1, extra))).headline.split(':')[0],
      ),
    );

  it('is judged by trusted time: an expired key with older evidence still verifies', async () => {
    expect(await verdicts({ not_after: AT * 1000 })).toEqual(['PASS', 'INTACT, SIGNER UNKNOWN TO YOU']);
    expect(await verdicts({ not_before: NOW - 1000, not_after: NOW + YEAR_MS })).toEqual([
      'PASS',
      'INTACT, SIGNER UNKNOWN TO YOU',
    ]);
  });
  it('that ended, or was revoked, before anyone saw it is unknown', async () => {
    expect(await verdicts({ not_after: NOW - 86_400_000 })).toEqual(
      Array(2).fill('INTACT, SIGNER UNKNOWN TO YOU'),
    );
    expect(await verdicts({ revoked_at: AT * 1000 })).toEqual(Array(2).fill('INTACT, SIGNER UNKNOWN TO YOU'));
    expect(await verdicts({ not_before: NOW + YEAR_MS })).toEqual(
      Array(2).fill('INTACT, SIGNER UNKNOWN TO YOU'),
    );
  });
  it('isn’t opened by a stranger who dates the same payload', async () => {
    const stranger = newIdentity();
    const [theirs] = envelopes(stranger, payloadOf(full.record));
    const second = newLog('second.example.org');
    const dated = withEntries(theirs, entryOf(second, bodyOf(theirs, spki(stranger.p256))));
    const statements = [...original.statements, ...(withCheckpointsOf(dated) as JsonObject[])];
    const trust = trusting(1, { not_after: AT * 1000 }) as Extract<Trust, { kind: 'policy' }>;
    const both = {
      ...trust,
      policy: {
        ...trust.policy,
        log: [...trust.policy.log!, { ...trust.policy.log![0]!, vkey: formatVkey(second.vkey) }],
        signer: [
          ...trust.policy.signer!,
          {
            name: 'them',
            p256: Buffer.from(spki(stranger.p256)).toString('base64'),
            signs: ['receipt'] as const,
          },
        ],
      },
    } as Trust;
    expect((await judge({ ...original, statements }, both)).headline).toBe('INTACT, SIGNER UNKNOWN TO YOU');
  });
});

function withCheckpointsOf(statement: JsonObject): JsonObject[] {
  const { tlogEntries } = statement.verificationMaterial as unknown as { tlogEntries: JsonObject[] };
  const entry = tlogEntries[0] as unknown as { inclusionProof: { checkpoint: { envelope: string } } };
  entry.inclusionProof.checkpoint.envelope = cosign(
    entry.inclusionProof.checkpoint.envelope,
    witnesses[0]!,
    AT,
  );
  return [withEntries(statement, entry as unknown as JsonObject)];
}

describe('a log whose key its root gave up', () => {
  it.each([
    ['is unknown where nothing says when', 'log.window', NOW - YEAR_MS],
    ['and never did is good for ever', undefined, Number.POSITIVE_INFINITY],
  ])('%s', async (_, code, end) => {
    const trust = trusting(1) as Extract<Trust, { kind: 'policy' }>;
    const policy = {
      ...trust.policy,
      log: [{ trusted_root: 'root.json' }],
      require: { bundle: { log: true } },
    };
    const rekors = [{ ...asRekor(full.log.vkey), end }];
    const { verdict, checks } = await verifyBytes(full.bytes, { ...trust, policy }, NOW, { rekors });
    expect(verdict).toBe(code === undefined ? 'pass' : 'inconclusive');
    expect(checks.find(({ id }) => id === 'log.checkpoint')?.code).toBe(code);
  });
});

describe('a time before the record says it was made', () => {
  it('is shown, and shows that one of both is wrong', async () => {
    const early = withCheckpoints((note) => cosign(note, witnesses[0]!, 86_400));
    const { checks } = await judge(early, trusting(1));
    expect(checks.find(({ id }) => id === 'time.existed_by')).toMatchObject({
      status: 'unknown',
      code: 'time.too-early',
    });
  });
});

describe('a key that was revoked a year ago', () => {
  const revoked = { revoked_at: NOW - YEAR_MS };
  const long = (NOW - 2 * YEAR_MS) / 1000;
  const bare = (extra: Partial<PolicySigner>): Trust => {
    const trust = trusting(1, extra) as Extract<Trust, { kind: 'policy' }>;
    const log = [{ vkey: formatVkey(full.log.vkey) }];
    return { ...trust, policy: { ...trust.policy, log, require: {} } };
  };
  const stated = original.statements.find(({ verificationMaterial }) =>
    Object.hasOwn(verificationMaterial as JsonObject, 'tlogEntries'),
  )!;

  it('isn’t dated by its holder’s own log, which signs a time as Rekor v1 would', async () => {
    const { payload, signatures } = stated.dsseEnvelope as unknown as {
      payload: string;
      signatures: [{ sig: string }];
    };
    const body = canonicalBytes({
      apiVersion: '0.0.1',
      kind: 'dsse',
      spec: {
        envelopeHash: { algorithm: 'sha256', value: 'ab'.repeat(32) },
        payloadHash: { algorithm: 'sha256', value: toHex(sha256(fromBase64(payload)!)) },
        signatures: [{ signature: signatures[0].sig, verifier: pemOf(spki(full.identity.p256)) }],
      },
    });
    const promised = canonicalBytes({
      body: toBase64(body),
      integratedTime: long,
      logID: toHex(hashVkey(full.log.vkey)),
      logIndex: 1,
    });
    const entry = {
      ...entryOf(full.log, body),
      kindVersion: { kind: 'dsse', version: '0.0.1' },
      integratedTime: String(long),
      inclusionPromise: { signedEntryTimestamp: sign(null, promised, full.log.key).toString('base64') },
    };
    const statements = original.statements.map((one) => (one === stated ? withEntries(one, entry) : one));
    expect(await judge({ ...original, statements }, bare(revoked))).toMatchObject({
      // The entry that it is bound to is another, too.
      headline: 'FAIL: log.checkpoint, binding.match',
    });
  });

  it('isn’t dated by anyone’s certificate for the signer’s name', async () => {
    const anyone = {
      ...stated,
      verificationMaterial: { certificate: { rawBytes: 'AA==' } },
    };
    const { name } = (bare({}) as Extract<Trust, { kind: 'policy' }>).policy.signer![0]!;
    const keyless = async () =>
      ({
        status: 'pass',
        identity: name,
        issuer: 'https://anyone.example',
        integratedTime: long * 1000,
      }) as const;
    const bundle = { ...original, statements: [...original.statements, anyone] };
    const verdict = await verifyBytes(utf8(JSON.stringify(bundle)), bare(revoked), NOW, { keyless });
    expect(verdict).toMatchObject({ verdict: 'inconclusive', headline: 'INTACT, SIGNER UNKNOWN TO YOU' });
  });
});

describe('the verifier’s clock', () => {
  it.each([1, 10, 50])('%d years ahead changes nothing', async (years) => {
    const trust = trusting(2, { not_after: (AT + 3600) * 1000 }, (AT + 3600) * 1000);
    const today = await judge(byTwo, trust);
    expect(today.verdict).toBe('pass');
    expect(await judge(byTwo, trust, NOW + years * YEAR_MS)).toEqual(today);
  });
});

describe('order.declared_before_run', () => {
  const order = async (startedAt: string) => {
    const { checks } = await judge(byTwo, trusting(1));
    expect(full.record.execution.started_at).toBe(startedAt);
    return checks.find(({ id }) => id === 'order.declared_before_run');
  };
  it('is unknown where the receipt was seen only after the run: that shows no lateness', async () => {
    expect(await order('2026-11-21T11:59:58.000Z')).toMatchObject({
      status: 'unknown',
      code: 'order.unknown',
    });
  });
  it('passes where it was seen before, and says whose word the run’s time is', async () => {
    const early = withCheckpoints((note) => cosign(note, witnesses[0]!, NOW / 1000 - 3600));
    const { checks } = await judge(early, trusting(1));
    expect(checks.find(({ id }) => id === 'order.declared_before_run')).toMatchObject({
      status: 'pass',
      claim: expect.stringContaining('consistent with the provider’s or recorder’s word'),
    });
  });
});
