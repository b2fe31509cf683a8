/** `qpoe verify --plausibility` as transcripts; the one of docs/plausibility.md too. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { recordText } from '../src/record/record.ts';
import { newPlace, type Place } from './cli.ts';
import { countedBundle, countedRecord, policyText } from './counted.ts';
import { BELL, newSigner } from './records.ts';

const signer = newSigner();
const MOVED = { circuit: BELL, counts: { '00': 500, '11': 460, '01': 40 } };

async function placeWithMoved(): Promise<Place> {
  const place = newPlace();
  const record = await countedRecord(signer, [MOVED]);
  writeFileSync(place.path('moved.json'), recordText(record));
  writeFileSync(place.path('moved.qpoe.json'), countedBundle(signer, record, [MOVED]));
  mkdirSync(place.home, { mode: 0o700 });
  for (const [name, demands] of [
    ['trust.toml', ''],
    ['demanding.toml', '[require]\nplausibility = true\n'],
  ] as const)
    writeFileSync(`${place.home}/${name}`, policyText(signer, demands), { mode: 0o600 });
  return place;
}

describe('counts that were moved', () => {
  it('are named, and fail nothing unless the policy says so', async () => {
    const place = await placeWithMoved();
    const told = place.qpoe('verify', '--plausibility', 'moved.qpoe.json');
    expect(told.code).toBe(0);
    expect(told.stdout).toMatch(/^PASS: /);
    expect(told.stdout).toMatch(
      /\? unknown plausibility .*\n +40 of 1000 shots have outcomes that the circuit can't give: 01 \(40\); no depolarizing strength explains them, 0\.08 ± 0\.0124/,
    );
    const policy = `${place.home}/demanding.toml`;
    const failed = place.qpoe('verify', '--policy', policy, 'moved.qpoe.json');
    expect([failed.code, failed.stdout.split('\n')[0]]).toEqual([1, 'FAIL: plausibility']);
    expect(place.qpoe('verify', 'moved.qpoe.json').stdout).not.toContain('plausibility');
  });

  it('are shown of many files too, also on all cores', async () => {
    const place = await placeWithMoved();
    for (const count of [2, 70]) {
      const folder = `many-${count}`;
      mkdirSync(place.path(folder));
      const record = await countedRecord(signer, [MOVED]);
      for (let at = 0; at < count; at++)
        writeFileSync(place.path(folder, `${at}.qpoe.json`), countedBundle(signer, record, [MOVED]));
      const { code, stdout } = place.qpoe('verify', '--plausibility', folder);
      expect(code).toBe(0);
      expect(stdout.match(/^ {4}plausibility: 40 of 1000 shots/gm)).toHaveLength(count);
    }
  });

  it('are explained', async () => {
    const place = await placeWithMoved();
    const { code, stdout } = place.qpoe('verify', '--explain', 'plausibility');
    expect([code, stdout]).toEqual([
      0,
      expect.stringContaining('whoever simulates the circuit has counts that fit'),
    ]);
  });
});

describe('the circuit', () => {
  it('comes from the store, also where the record lies in another one', () => {
    const place = newPlace();
    writeFileSync(
      place.path('c.qasm'),
      'OPENQASM 2.0; include "qelib1.inc"; qreg q[1]; creg c[1]; h q[0]; measure q[0] -> c[0];',
    );
    expect(place.qpoe('run', 'c.qasm', '--out', 'r.json').code).toBe(0);
    const [stored] = place.files().filter((file) => file.startsWith('.qpoe/records/'));
    const judged = (...args: string[]) =>
      /([a-z]+) +plausibility/.exec(place.qpoe('verify', '--plausibility', ...args).stdout)?.[1];
    expect(judged('r.json')).toBe('pass');
    expect(judged(stored!, '--store', 'elsewhere')).toBe('pass');
    expect(judged('r.json', '--store', 'elsewhere')).toBe('unknown');
    expect(judged('--record', 'last')).toBe('pass');
  });

  it('that is missing or too large makes a demanding policy’s verdict INCOMPLETE', async () => {
    const place = await placeWithMoved();
    const policy = `${place.home}/demanding.toml`;
    const { code, stdout } = place.qpoe('verify', '--policy', policy, 'moved.json');
    expect(code).toBe(3);
    expect(stdout).toMatch(/^INCOMPLETE: plausibility\n/);
    expect(stdout).toMatch(/its circuit sha256:[0-9a-f]{64} is not here/);
    expect(place.qpoe('policy', 'check', policy).code).toBe(0);
  });
});
