/** vectors/original/: what the original toolkit's own scripts wrote, first and last commit, with real Qiskit and Cirq. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readOriginal } from '../src/record/original.ts';
import type { Check } from '../src/verify/check.ts';
import type { Trust } from '../src/verify/trust.ts';
import { verifyBytes } from '../src/verify/verify.ts';
import { NOW } from './records.ts';
import { describeVectors, readVector } from './shared-vectors.ts';

const folder = join(import.meta.dirname, '../vectors/original');
const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
const later = NOW + 864e5;
const bytesOf = (name: string): Buffer => readFileSync(join(folder, name));

function trusting(bytes: Uint8Array): Trust {
  const ed25519 = readOriginal(bytes).value!.signature!.publicKey;
  return { kind: 'policy', path: 'trust.toml', policy: { version: 1, signer: [{ name: 'lab', ed25519 }] } };
}

function statuses(checks: readonly Check[]): Record<string, string> {
  return Object.fromEntries(checks.map(({ id, status }) => [id, status]));
}

describe(`the original's ${names.length} records`, () => {
  it.each(names)('%s verifies', async (name) => {
    const bytes = bytesOf(name);
    const { checks, ...verdict } = await verifyBytes(bytes, trusting(bytes), later);
    expect(verdict).toMatchObject({
      verdict: 'pass',
      signer: 'lab',
      version: name.replace(/-(?:qiskit|cirq).*/, ''),
    });
    const rebuilt = name.startsWith('0.1') ? 'absent' : name.includes('cirq') ? 'unknown' : 'pass';
    expect(statuses(checks)).toEqual({
      'record.format': 'pass',
      'record.hash': 'pass',
      'record.signature': 'pass',
      'record.signer': 'pass',
      ...(name.startsWith('0.1') ? { 'result.digest': 'pass' } : {}),
      'record.counts': 'pass',
      'record.times': 'pass',
      'circuit.rebuild': rebuilt,
    });
  });

  it.each(names)('%s is intact and its signer unknown to who has no policy', async (name) => {
    const verdict = await verifyBytes(bytesOf(name), { kind: 'nobody' }, later);
    expect(verdict).toMatchObject({ verdict: 'inconclusive', headline: 'INTACT, SIGNER UNKNOWN TO YOU' });
    const unasked = await verifyBytes(bytesOf(name), { kind: 'unasked' }, later);
    expect(unasked).toMatchObject({ verdict: 'pass' });
  });
});

describeVectors("the original's sample record", 'original-records/sample_record.json', () => {
  it('is unsigned: never better than inconclusive, unless only its integrity is asked', async () => {
    const bytes = readVector('original-records/sample_record.json');
    const known = trusting(bytesOf('0.1-qiskit-defaults.json'));
    for (const trust of [known, { kind: 'nobody' } as const]) {
      const { verdict, checks } = await verifyBytes(bytes, trust, later);
      expect(verdict).toBe('inconclusive');
      expect(statuses(checks)).toMatchObject({
        'record.hash': 'pass',
        'record.signature': 'absent',
        'record.signer': 'absent',
        'result.digest': 'pass',
        'record.counts': 'pass',
      });
    }
    expect(await verifyBytes(bytes, { kind: 'unasked' }, later)).toMatchObject({ verdict: 'pass' });
  });
});
