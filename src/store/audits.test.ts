import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { entriesFrom, newLogPlace } from '../../test/log-place.ts';
import { utf8 } from '../core/bytes.ts';
import { type FaultEvidence, keepFault, keepSeen, keepStrangers, readSeen } from './audits.ts';
import { createLog } from './log.ts';
import { appendToLog } from './log-append.ts';
import { signCheckpoint } from './log-checkpoint.ts';
import { readCheckpoint } from './log-read.ts';

function newLog() {
  const place = newLogPlace();
  return { home: place.home, ...createLog(place) };
}

const evidence = (text: string): FaultEvidence => ({
  seen: utf8(`seen ${text}`),
  shown: utf8(`shown ${text}`),
  files: [{ path: 'tile/0/000', bytes: utf8(text) }],
});

describe('the evidence of a fault', () => {
  it('is never written over', () => {
    const { home, vkey } = newLog();
    const [first, second, third] = ['a', 'b', 'c'].map((text) => keepFault(home, vkey, evidence(text)));
    rmSync(first!, { recursive: true });
    const fourth = keepFault(home, vkey, evidence('d'));
    expect(fourth).toMatch(/fault-4$/);
    for (const [folder, text] of [
      [second, 'b'],
      [third, 'c'],
      [fourth, 'd'],
    ] as const)
      expect(readFileSync(join(folder!, 'shown'), 'utf8')).toBe(`shown ${text}`);
  });

  it('is kept once', () => {
    const { home, vkey } = newLog();
    const first = keepFault(home, vkey, evidence('a'));
    keepFault(home, vkey, evidence('b'));
    expect(keepFault(home, vkey, evidence('a'))).toBe(first);
    const { seen, shown } = evidence('a');
    expect(keepFault(home, vkey, { seen, shown, files: [] })).toMatch(/fault-3$/);
  });

  it('is kept again where it was damaged or is not whole', () => {
    const { home, vkey } = newLog();
    const first = keepFault(home, vkey, evidence('a'));
    writeFileSync(join(first, 'shown'), 'other a');
    const second = keepFault(home, vkey, evidence('a'));
    rmSync(join(second, 'seen'));
    expect(keepFault(home, vkey, evidence('a'))).toMatch(/fault-3$/);
  });

  it('passes over what else has taken its name', () => {
    const { home, vkey } = newLog();
    const first = keepFault(home, vkey, evidence('a'));
    writeFileSync(join(first, '../fault-2'), '');
    mkdirSync(join(first, '../fault-x'));
    expect(keepFault(home, vkey, evidence('b'))).toMatch(/fault-3$/);
  });
});

describe('the checkpoint that was seen last', () => {
  it('never goes back where a slow audit ends after a quick one', async () => {
    const { home, vkey, ...log } = newLog();
    await appendToLog({ vkey, ...log }, entriesFrom(0, 3));
    const three = readCheckpoint(log.path);
    await appendToLog({ vkey, ...log }, entriesFrom(3, 2));
    const five = readCheckpoint(log.path);
    expect(keepSeen(home, vkey, undefined, five)).toBe(true);
    expect(keepSeen(home, vkey, undefined, three)).toBe(false);
    expect(readSeen(home, vkey)).toEqual(Buffer.from(five));
    expect(keepSeen(home, vkey, undefined, five)).toBe(true);
  });

  it('moves on only from the one that the new one was checked against', () => {
    const { home, vkey, key } = newLog();
    const note = (size: number, fill: number) =>
      signCheckpoint(size, new Uint8Array(32).fill(fill), vkey, key).note;
    expect(keepSeen(home, vkey, undefined, note(3, 1))).toBe(true);
    expect(keepSeen(home, vkey, note(2, 1), note(9, 2))).toBe(false);
    expect(readSeen(home, vkey)).toEqual(Buffer.from(note(3, 1)));
    expect(keepSeen(home, vkey, note(3, 1), note(9, 2))).toBe(true);
    expect(readSeen(home, vkey)).toEqual(Buffer.from(note(9, 2)));
  });

  it('proves a fork where two audits at once were shown two trees of one size', () => {
    const { home, vkey, key } = newLog();
    const [one, other] = [1, 2].map(
      (fill) => signCheckpoint(3, new Uint8Array(32).fill(fill), vkey, key).note,
    );
    keepSeen(home, vkey, undefined, one!);
    expect(() => keepSeen(home, vkey, undefined, other!)).toThrow(/signed two roots for 3 entries/);
    expect(readSeen(home, vkey)).toEqual(Buffer.from(one!));
    const folder = keepFault(home, vkey, { seen: one, shown: other!, files: [] });
    expect(folder).toMatch(/fault-1$/);
  });
});

describe('entries that were not made here', () => {
  const stranger = (index: number) => ({
    index,
    signed: index % 2 === 0,
    says: index === 7 ? undefined : index.toString(16).padStart(64, '0'),
  });
  const unknown = () => false;
  const none = { listed: [], more: 0, readAnew: 0 };

  it('stay until the store knows them', () => {
    const { home, vkey } = newLog();
    keepStrangers(home, vkey, { listed: [stranger(7), stranger(4)], more: 0, readAnew: 8 }, unknown);
    const all = [stranger(2), stranger(4), stranger(7)];
    const found = { listed: [stranger(2), stranger(4)], more: 0, readAnew: 0 };
    expect(keepStrangers(home, vkey, found, unknown)).toEqual({ listed: all, more: 0 });
    expect(keepStrangers(home, vkey, none, unknown)).toEqual({ listed: all, more: 0 });
    const four = stranger(4).says;
    expect(keepStrangers(home, vkey, none, (says) => says === four).listed).toEqual([
      stranger(2),
      stranger(7),
    ]);
    // One that can't be read is never known.
    expect(keepStrangers(home, vkey, none, () => true).listed).toEqual([stranger(7)]);
    const some = { ...none, readAnew: 7 };
    expect(keepStrangers(home, vkey, some, unknown).listed).toEqual([stranger(7)]);
    const whole = { ...none, readAnew: 8 };
    expect(keepStrangers(home, vkey, whole, unknown)).toEqual({ listed: [], more: 0 });
    expect(readdirSync(join(keepFault(home, vkey, evidence('a')), '..'))).not.toContain('not-made-here');
  });

  it('are counted where there is no room for them', () => {
    const { home, vkey } = newLog();
    const listed = Array.from({ length: 700 }, (_, i) => stranger(i));
    const next = listed.map(({ index }) => stranger(700 + index));
    keepStrangers(home, vkey, { listed, more: 0, readAnew: 8 }, unknown);
    const kept = keepStrangers(home, vkey, { listed: next, more: 5, readAnew: 0 }, unknown);
    expect([kept.listed.length, kept.more]).toEqual([1000, 405]);
    expect(keepStrangers(home, vkey, none, unknown)).toEqual(kept);
    expect(keepStrangers(home, vkey, none, (says) => says !== '')).toEqual({
      listed: [stranger(7)],
      more: 405,
    });
  });

  it.each(['x\n', '1 signed -', '\n', '1 signed abc\n', ''])(
    'are not taken from a damaged list: %j',
    (text) => {
      const { home, vkey } = newLog();
      keepStrangers(home, vkey, { listed: [stranger(1)], more: 0, readAnew: 8 }, unknown);
      const path = join(keepFault(home, vkey, evidence('a')), '../not-made-here');
      writeFileSync(path, text);
      expect(() => keepStrangers(home, vkey, none, unknown)).toThrow(/not-made-here is damaged/);
    },
  );
});
