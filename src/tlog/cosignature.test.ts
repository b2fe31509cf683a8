import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Cosigner, newMlDsaWitness, newTestLog, newWitness } from '../../test/cosigners.ts';
import { toHex, utf8 } from '../core/bytes.ts';
import { formatCheckpoint } from './checkpoint.ts';
import {
  collectCosignatures,
  formatCosignature,
  mlDsa44CosignedMessage,
  quorumTime,
  readTimedSignature,
  verifyCosignature,
} from './cosignature.ts';
import { type NoteSignature, parseNote } from './note.ts';
import { makeVkey } from './vkey.ts';

const log = newTestLog('log.example');
const text = formatCheckpoint(log.checkpoint(7));
const KINDS: readonly [string, Cosigner][] = [
  ['Ed25519', newWitness('witness.example/w1')],
  ['ML-DSA-44', newMlDsaWitness('witness.example/w2')],
];

const collect = (witnesses: readonly Cosigner[], ...signatures: readonly NoteSignature[]) =>
  collectCosignatures(
    { text, signatures },
    witnesses.map(({ vkey }) => vkey),
  );

describe("the specification's own example", () => {
  // Keys of https://c2sp.org/tlog-cosignature's note are not published; its blob shows the form.
  it('has the time that it says', () => {
    const line =
      '— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==';
    const note = parseNote(utf8(`a\n\n${line}\n`)).value!;
    expect(readTimedSignature(note.signatures[0]!.signature)).toMatchObject({ time: 1679315147 });
  });
});

describe('the message of ML-DSA-44', () => {
  it('is laid out as the specification says', () => {
    const root = new Uint8Array(32).fill(0xab);
    const message = mlDsa44CosignedMessage('wé', { origin: 'log', size: 258, root, extensions: [] }, 515);
    expect(toHex(message)).toBe(
      [
        '737562747265652f76310a00',
        '03' + '77c3a9',
        '0000000000000203',
        '03' + '6c6f67',
        '0000000000000000',
        '0000000000000102',
        'ab'.repeat(32),
      ].join(''),
    );
  });
});

describe.each(KINDS)('a cosignature by %s', (_, witness) => {
  it('holds, and yields its time', async () => {
    const { signature } = witness.cosign(text, 1_700_000_000);
    expect(await verifyCosignature(witness.vkey, text, signature)).toEqual({ value: 1_700_000_000 });
  });

  it('holds over no other text', async () => {
    const { signature } = witness.cosign(text, 5);
    for (const other of [
      formatCheckpoint(log.checkpoint(8)),
      formatCheckpoint({ ...log.checkpoint(7), origin: 'log2.example' }),
      formatCheckpoint({ ...log.checkpoint(7), root: new Uint8Array(32) }),
    ])
      expect(await verifyCosignature(witness.vkey, other, signature)).toMatchObject({
        code: 'cosignature.invalid',
      });
  });

  it('holds with no byte changed', async () => {
    const { signature } = witness.cosign(text, 5);
    await fc.assert(
      fc.asyncProperty(fc.nat(signature.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const changed = signature.slice();
        changed[at]! ^= flip;
        expect((await verifyCosignature(witness.vkey, text, changed)).fault).toBeDefined();
      }),
    );
  });

  it('states a time between 1970 and the year 9999, or it is refused', async () => {
    for (const time of [0, 253_402_300_800, Number.MAX_SAFE_INTEGER])
      expect(await verifyCosignature(witness.vkey, text, witness.cosign(text, time).signature)).toMatchObject(
        {
          code: 'cosignature.time',
        },
      );
    for (const time of [1, 253_402_300_799])
      expect(await verifyCosignature(witness.vkey, text, witness.cosign(text, time).signature)).toEqual({
        value: time,
      });
  });

  it('is refused, whatever bytes it is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 100 }), async (bytes) => {
        const { fault } = await verifyCosignature(witness.vkey, text, new Uint8Array(bytes));
        expect(fault).toBeDefined();
      }),
    );
  });
});

describe('the two kinds differ', () => {
  it('in extension lines: Ed25519 covers them, ML-DSA-44 does not', async () => {
    const extended = formatCheckpoint({ ...log.checkpoint(7), extensions: ['extra'] });
    const [ed25519, mlDsa] = KINDS.map(([, witness]) => witness) as [Cosigner, Cosigner];
    const over = async ({ vkey, cosign }: Cosigner) =>
      (await verifyCosignature(vkey, extended, cosign(text, 5).signature)).code;
    expect(await over(ed25519)).toBe('cosignature.invalid');
    expect(await over(mlDsa)).toBeUndefined();
  });

  it('in the name: ML-DSA-44 covers it, and one too long for its length byte is refused', async () => {
    const [, mlDsa] = KINDS[1]!;
    const { signature } = mlDsa.cosign(text, 5);
    for (const name of ['other.example', 'w'.repeat(256)]) {
      const renamed = makeVkey(name, mlDsa.vkey.type, mlDsa.vkey.publicKey);
      expect(await verifyCosignature(renamed, text, signature)).toMatchObject({
        code: 'cosignature.invalid',
      });
    }
  });

  it('from a plain signature of the same key', async () => {
    const { vkey, sign } = log;
    const asWitness = makeVkey(vkey.name, 'cosignature-ed25519', vkey.publicKey);
    const signature = formatCosignature(5, sign(text).signature);
    expect((await verifyCosignature(asWitness, text, signature)).fault).toBeDefined();
    expect((await verifyCosignature(vkey, text, signature)).fault).toBeDefined();
  });
});

describe('collecting', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((name) => newWitness(`${name}.example`)) as [
    Cosigner,
    Cosigner,
    Cosigner,
  ];

  it('finds each known witness, and passes over others', async () => {
    const { cosigned, faults } = await collect(
      [a, b],
      a.cosign(text, 10),
      c.cosign(text, 11),
      log.sign(text),
    );
    expect(cosigned).toEqual([{ vkey: a.vkey, time: 10 }]);
    expect(faults).toEqual([]);
  });

  it("reports a known witness's line that fails, and counts the others", async () => {
    const { cosigned, faults } = await collect([a, b], a.cosign(`${text}x\n`, 10), b.cosign(text, 11));
    expect(cosigned).toEqual([{ vkey: b.vkey, time: 11 }]);
    expect(faults).toMatchObject([{ vkey: a.vkey, code: 'cosignature.invalid' }]);
  });

  it('counts a witness once: by its earliest time, and under two names too', async () => {
    const twin = makeVkey('twin.example', a.vkey.type, a.vkey.publicKey);
    const asTwin = { ...a.cosign(text, 9), ...twin };
    const { cosigned } = await collectCosignatures(
      { text, signatures: [a.cosign(text, 10), a.cosign(text, 8), asTwin] },
      [a.vkey, twin, a.vkey],
    );
    expect(cosigned).toEqual([{ vkey: a.vkey, time: 8 }]);
  });

  it('never takes a line for another witness', async () => {
    const stolen = { ...a.cosign(text, 10), name: b.vkey.name, keyId: b.vkey.keyId };
    expect(await collect([a, b], stolen)).toMatchObject({ cosigned: [], faults: [{ vkey: b.vkey }] });
  });
});

describe('the time of a quorum', () => {
  it('is the k-th smallest', () => {
    expect([1, 2, 3, 4].map((k) => quorumTime([30, 10, 20], k))).toEqual([10, 20, 30, undefined]);
    expect(quorumTime([], 1)).toBeUndefined();
    expect(quorumTime([5], 0)).toBeUndefined();
  });

  it('can not be moved before every honest witness by fewer liars than the quorum', () => {
    const times = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1 });
    fc.assert(
      fc.property(times, times, (honest, lies) => {
        fc.pre(lies.length < 5);
        const time = quorumTime([...honest, ...lies], lies.length + 1)!;
        expect(time).toBeGreaterThanOrEqual(Math.min(...honest));
      }),
    );
  });
});
