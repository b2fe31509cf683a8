import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newTestLog, newWitness } from '../../test/cosigners.ts';
import { naiveLeaves, naiveProof, naiveRoot } from '../../test/naive-tree.ts';
import { concatenate, fromUtf8, toBase64, utf8 } from '../core/bytes.ts';
import { formatCheckpoint } from './checkpoint.ts';
import { formatNote } from './note.ts';
import { makeVkey } from './vkey.ts';
import {
  formatAddCheckpoint,
  judgeSubmission,
  openSubmission,
  parseAddCheckpoint,
  parseTreeSize,
  type Recorded,
} from './witness.ts';

const log = newTestLog('log.example');
const other = newTestLog('other.example');
const LEAVES = naiveLeaves(40);
const recordedAt = (size: number): Recorded => ({
  size,
  root: new Uint8Array(naiveRoot(LEAVES.slice(0, size))),
});
const proofOf = (oldSize: number, size: number) =>
  oldSize === 0 || oldSize > size ? [] : naiveProof(oldSize, LEAVES.slice(0, size));
const request = (oldSize: number, size: number, proof = proofOf(oldSize, size)) =>
  formatAddCheckpoint({ oldSize, proof, checkpoint: log.note(size) });

/** The status, 200 where it is cosigned. */
async function ask(body: Uint8Array, recorded?: Recorded, logs = [log.vkey, other.vkey]) {
  const opened = await openSubmission(body, logs);
  if (opened.value === undefined) return [opened.status, opened.code];
  const refusal = judgeSubmission(recorded, opened.value);
  return refusal === undefined ? [200] : [refusal.status, refusal.size ?? refusal.code];
}

describe('a request', () => {
  it('is what it was, read again', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { maxLength: 63 }),
        (oldSize, proof) => {
          const parsed = parseAddCheckpoint(formatAddCheckpoint({ oldSize, proof, checkpoint: log.note(3) }));
          expect(parsed.value!.oldSize).toBe(oldSize);
          expect(parsed.value!.proof.map(toBase64)).toEqual(proof.map(toBase64));
          expect(fromUtf8(parsed.value!.checkpoint)).toBe(fromUtf8(log.note(3)));
        },
      ),
    );
  });

  const hash = `${toBase64(new Uint8Array(32))}\n`;
  it.each<[string, string | Uint8Array, string]>([
    ['nothing', '', 'add-checkpoint.syntax'],
    ['no checkpoint', 'old 0\n', 'add-checkpoint.syntax'],
    ['no old size', '\n\nx\n', 'add-checkpoint.old'],
    ['an old size with a leading zero', 'old 01\n\nx\n', 'add-checkpoint.old'],
    ['an old size below zero', 'old -1\n\nx\n', 'add-checkpoint.old'],
    ['an old size of 2^53', 'old 9007199254740992\n\nx\n', 'add-checkpoint.old'],
    ['two spaces', 'old  1\n\nx\n', 'add-checkpoint.old'],
    ['a short hash', 'old 1\nAAAA\n\nx\n', 'add-checkpoint.hash'],
    ['a hash that is no base64', 'old 1\n?\n\nx\n', 'add-checkpoint.hash'],
    ['64 hashes', `old 1\n${hash.repeat(64)}\nx\n`, 'add-checkpoint.count'],
    ['a carriage return', 'old 1\r\n\r\nx\n', 'add-checkpoint.syntax'],
    ['no UTF-8', Uint8Array.of(0xff), 'add-checkpoint.utf8'],
    ['no note', 'old 0\n\nx\n', 'note.syntax'],
  ])('with %s is a 400', async (_, body, code) => {
    expect(await ask(typeof body === 'string' ? utf8(body) : body)).toEqual([400, code]);
  });

  it('is a 400 where the checkpoint is none, or smaller than the old size', async () => {
    const signed = (text: string) => utf8(`old 0\n\n${formatNote({ text, signatures: [log.sign(text)] })}`);
    expect(await ask(signed('log.example\n'))).toEqual([400, 'checkpoint.size']);
    expect(await ask(signed('log.example\n18446744073709551616\nAAAA\n'))).toEqual([400, 'checkpoint.size']);
    expect(await ask(request(5, 3))).toEqual([400, 'witness.old-size']);
  });

  it('is a 404 where no known log has the origin', async () => {
    expect(await ask(request(0, 3), undefined, [])).toEqual([404, 'witness.origin']);
    expect(await ask(request(0, 3), undefined, [other.vkey])).toEqual([404, 'witness.origin']);
  });

  it('is a 403 where no known key of the log signed, or one that did not sign this', async () => {
    const text = formatCheckpoint(log.checkpoint(3));
    const sent = (...signatures: Parameters<typeof formatNote>[0]['signatures']) =>
      ask(utf8(`old 0\n\n${formatNote({ text, signatures })}`));
    const stranger = newTestLog('log.example');
    const bad = { ...log.vkey, signature: new Uint8Array(64) };
    expect(await sent(other.sign(text))).toEqual([403, 'witness.unsigned']);
    expect(await sent(stranger.sign(text))).toEqual([403, 'witness.unsigned']);
    expect(await sent(bad)).toEqual([403, 'note.invalid']);
    expect(await sent(log.sign(text), bad)).toEqual([403, 'note.invalid']);
    expect(await sent(log.sign(text), stranger.sign(text))).toEqual([200]);
  });

  it('is a 404 or a 403 before it is told anything of the record', async () => {
    expect((await ask(request(5, 7), recordedAt(6), []))[0]).toBe(404);
  });

  it('may be signed by any of a log’s keys, and its lines are kept once each', async () => {
    const second = newTestLog('log.example');
    const text = formatCheckpoint(log.checkpoint(3));
    const line = second.sign(text);
    const signatures = [...Array.from({ length: 50 }, () => line), newWitness('w').cosign(text, 1)];
    const body = utf8(`old 0\n\n${formatNote({ text, signatures })}`);
    const { value } = await openSubmission(body, [log.vkey, second.vkey]);
    expect(value!.signatures.map(({ keyId }) => keyId)).toEqual([second.vkey.keyId]);
  });

  it('is of the log whose name is the origin, also where another log’s key signed it', async () => {
    const text = formatCheckpoint(log.checkpoint(3));
    const posing = makeVkey('log.example', 'ed25519', other.vkey.publicKey);
    const line = { ...other.sign(text), name: posing.name, keyId: posing.keyId };
    expect(await ask(utf8(`old 0\n\n${formatNote({ text, signatures: [line] })}`))).toEqual([
      403,
      'witness.unsigned',
    ]);
  });

  it('gets an answer, whatever it is', async () => {
    const good = request(5, 9);
    const edit = fc.tuple(fc.nat(good.length), fc.nat(40), fc.uint8Array({ maxLength: 40 }));
    await fc.assert(
      fc.asyncProperty(edit, async ([at, cut, put]) => {
        const edited = concatenate([good.subarray(0, at), put, good.subarray(at + cut)]);
        const [status] = await ask(edited, recordedAt(5));
        expect([200, 400, 403, 404, 409, 422]).toContain(status);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a decision', () => {
  it('is a 409 with the recorded size unless the old size is exactly that', async () => {
    expect(await ask(request(0, 7), recordedAt(5))).toEqual([409, 5]);
    expect(await ask(request(4, 7), recordedAt(5))).toEqual([409, 5]);
    expect(await ask(request(6, 7), recordedAt(5))).toEqual([409, 5]);
    expect(await ask(request(1, 7))).toEqual([409, 0]);
    expect(await ask(request(3, 3), recordedAt(5))).toEqual([409, 5]);
  });

  it('is a 200 from nothing to any size, without a proof', async () => {
    expect(await ask(request(0, 0))).toEqual([200]);
    expect(await ask(request(0, 7))).toEqual([200]);
    expect(await ask(request(0, 7), recordedAt(0))).toEqual([200]);
    expect(await ask(request(0, 7, [new Uint8Array(32)]))).toEqual([422, 'consistency.length']);
  });

  it('is a 200 again for the same tree, and a 422 for another of the same size', async () => {
    expect(await ask(request(7, 7), recordedAt(7))).toEqual([200]);
    expect(await ask(request(0, 0), recordedAt(0))).toEqual([200]);
    expect(await ask(request(7, 7, [new Uint8Array(32)]), recordedAt(7))).toEqual([
      422,
      'consistency.length',
    ]);
    const fork = { size: 7, root: new Uint8Array(32) };
    expect(await ask(request(7, 7), fork)).toEqual([422, 'consistency.new-root']);
  });

  it('is a 422 for an empty tree with another root', async () => {
    const text = `log.example\n0\n${toBase64(new Uint8Array(32))}\n`;
    const body = utf8(`old 0\n\n${formatNote({ text, signatures: [log.sign(text)] })}`);
    expect(await ask(body)).toEqual([422, 'checkpoint.root']);
  });

  it('is a 422 for a proof that does not hold', async () => {
    const proof = proofOf(5, 7);
    expect(await ask(request(5, 7, []), recordedAt(5))).toEqual([422, 'consistency.length']);
    expect((await ask(request(5, 7, proof.slice(1)), recordedAt(5)))[0]).toBe(422);
    expect((await ask(request(5, 7, [...proof].reverse()), recordedAt(5)))[0]).toBe(422);
    expect((await ask(request(5, 7), { size: 5, root: new Uint8Array(32) }))[0]).toBe(422);
  });

  it('lets no witness cosign two trees of one size, in whatever order they come', async () => {
    const sizes = fc.integer({ min: 0, max: 40 });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(sizes, sizes)), async (requests) => {
        let recorded: Recorded | undefined;
        for (const [oldSize, size] of requests) {
          const [status] = await ask(request(oldSize, size), recorded);
          const expected = oldSize > size ? 400 : oldSize === (recorded?.size ?? 0) ? 200 : 409;
          expect(status).toBe(expected);
          if (status === 200) recorded = recordedAt(size);
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe('the size in a 409', () => {
  it.each<[string, number | undefined]>([
    ['20852163\n', 20852163],
    ['0\n', 0],
    ['7', undefined],
    ['7\n\n', undefined],
    [' 7\n', undefined],
    ['07\n', undefined],
    ['-7\n', undefined],
    ['9007199254740992\n', undefined],
    ['<html>\n', undefined],
    ['', undefined],
  ])('%j is %s', (body, size) => expect(parseTreeSize(utf8(body))).toBe(size));

  it('is no other bytes', () => expect(parseTreeSize(concatenate([Uint8Array.of(0xff)]))).toBeUndefined());
});
