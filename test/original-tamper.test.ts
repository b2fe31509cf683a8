/** Every member of the original's records, edited in every way: nothing but the original passes. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../src/core/bytes.ts';
import { readOriginal } from '../src/record/original.ts';
import type { Trust } from '../src/verify/trust.ts';
import { verifyBytes } from '../src/verify/verify.ts';
import { edit, get, type Json, paths, SUBSTITUTES, variants } from './mutations.ts';
import { NOW } from './records.ts';

const later = NOW + 864e5;
const FILES = [
  '0.1-qiskit-defaults.json',
  '0.1-cirq-defaults.json',
  'qpoe-0.1-qiskit-defaults.json',
  'qpoe-0.1-cirq-defaults.json',
];

describe.each(FILES)('%s', (file) => {
  const text = readFileSync(join(import.meta.dirname, '../vectors/original', file), 'utf8');
  const original = JSON.parse(text) as Json;
  const PATHS = [...paths(original)];
  const ed25519 = readOriginal(utf8(text)).value!.signature!.publicKey;
  const trust: Trust = {
    kind: 'policy',
    path: 'trust.toml',
    policy: { version: 1, signer: [{ name: 'lab', ed25519 }] },
  };

  async function outcome(edited: string, trusted: Trust = trust): Promise<string> {
    const { verdict, headline } = await verifyBytes(utf8(edited), trusted, later);
    return verdict === 'inconclusive' ? headline : verdict;
  }

  /** Only what names a newer record version may be less than a failure, and nothing is ever a pass. */
  async function expectRefused(edited: Json, about: string): Promise<void> {
    const written = JSON.stringify(edited);
    if (written === JSON.stringify(original)) return;
    const version = (edited as { schema_version?: Json }).schema_version;
    const newer = typeof version === 'string' && /^[1-9]\d*\.\d+$/.test(version) && version !== '1.0';
    const expected = newer ? 'NEWER FORMAT' : 'fail';
    expect(await outcome(written), about).toBe(expected);
    expect(await outcome(written, { kind: 'unasked' }), `${about}, integrity only`).toBe(expected);
  }

  it('passes as it is, however it is laid out', async () => {
    expect(await outcome(text)).toBe('pass');
    expect(await outcome(JSON.stringify(original))).toBe('pass');
  });

  it('fails when any member is changed, retyped or removed', async () => {
    let mutants = 0;
    for (const path of PATHS) {
      for (const value of [...variants(get(original, path)), ...SUBSTITUTES]) {
        const edited = edit(original, path, (parent, name) => {
          parent[name] = value;
        });
        await expectRefused(edited, `${path.join('.')} = ${JSON.stringify(value)}`);
        mutants++;
      }
      const without = edit(original, path, (parent, name) => {
        delete parent[name];
      });
      await expectRefused(without, `without ${path.join('.')}`);
      const renamed = edit(without, path, (parent, name) => {
        parent[`${name}_`] = get(original, path);
      });
      await expectRefused(renamed, `renamed ${path.join('.')}`);
    }
    expect(mutants).toBeGreaterThan(500);
  });

  it('fails when any member is written twice', async () => {
    for (const path of PATHS) {
      const marked = JSON.stringify(
        edit(original, path, (parent, name) => {
          parent[`${name}\u0000`] = parent[name]!;
        }),
      );
      expect(await outcome(marked.replace('\\u0000', '')), `twice ${path.join('.')}`).toBe('fail');
    }
  });

  it('fails when a member is added to any of its objects, whatever its name', async () => {
    const names = [
      '__proto__',
      '\\u005f_proto__',
      'constructor',
      'toString',
      'schema',
      'schema_version',
      'x',
    ];
    for (let at = text.indexOf('{'); at >= 0; at = text.indexOf('{', at + 1))
      for (const name of names)
        for (const value of ['1', '"1.0"', '{"shots":1}']) {
          const added = `${text.slice(0, at + 1)}"${name}":${value},${text.slice(at + 1)}`;
          expect(await outcome(added), `${name} at ${at}`).toBe('fail');
        }
  });

  it('fails when a number is another, or of another type in Python', async () => {
    // A number follows a colon and ends its line; theta is a float, and every other a whole number.
    for (const { 0: token, index } of text.matchAll(/(?<=": )-?\d[\d.e+-]*/g)) {
      const isFloat = token.includes('.');
      for (const other of [`${token}.0`, `${token}e0`, `${token}1`, `-${token}`, `"${token}"`, '1', '1.0']) {
        const edited = text.slice(0, index) + other + text.slice(index + token.length);
        if (other === token || (isFloat && other === `${token}e0`)) continue;
        expect(await outcome(edited), `${token} → ${other}`).toBe('fail');
      }
    }
  });

  it('fails cut anywhere', async () => {
    const end = text.trimEnd().length;
    for (let length = 0; length < end; length++) expect(await outcome(text.slice(0, length))).toBe('fail');
  });

  it('passes with no bit flipped but as the same record', async () => {
    const bytes = utf8(text);
    for (let at = 0; at < bytes.length; at++) {
      const copy = bytes.slice();
      copy[at]! ^= 1 << (at % 8);
      const { verdict, headline } = await verifyBytes(copy, trust, later);
      if (verdict === 'pass') expect(JSON.parse(new TextDecoder().decode(copy))).toEqual(original);
      else if (verdict === 'inconclusive') expect(headline).toBe('NEWER FORMAT');
    }
  });

  it("is never the lab's with another's signature", async () => {
    const sample = readFileSync(
      join(import.meta.dirname, '../vectors/original', file.replace('defaults', OTHER[file]!)),
      'utf8',
    );
    const { publicKey, signature } = readOriginal(utf8(sample)).value!.signature!;
    const own = readOriginal(utf8(text)).value!.signature!;
    const swapped = text.replace(own.publicKey, publicKey);
    expect(swapped).not.toBe(text);
    expect(await outcome(swapped)).toBe('fail');
    expect(await outcome(swapped.replace(own.signature, signature))).toBe('fail');
  });
});

/** A record of another key. */
const OTHER: Readonly<Record<string, string>> = {
  '0.1-qiskit-defaults.json': '1-qubit',
  '0.1-cirq-defaults.json': 'theta-1.0',
  'qpoe-0.1-qiskit-defaults.json': '1-0-0-own-key',
  'qpoe-0.1-cirq-defaults.json': '7-20-2e32-own-key',
};

it('a 0.1 record whose signature is taken away is unsigned, and never passes with a policy', async () => {
  const text = readFileSync(
    join(import.meta.dirname, '../vectors/original/0.1-qiskit-defaults.json'),
    'utf8',
  );
  const record = JSON.parse(text);
  const { public_key: ed25519 } = record.record;
  Object.assign(record.record, { signature_alg: 'none', signature: null, public_key: null });
  const policy = { version: 1, signer: [{ name: 'lab', ed25519 }] } as const;
  const trust = { kind: 'policy', path: 'trust.toml', policy } as unknown as Trust;
  const { verdict, headline } = await verifyBytes(utf8(JSON.stringify(record)), trust, later);
  expect({ verdict, headline }).toEqual({
    verdict: 'inconclusive',
    headline: 'INTACT, SIGNER UNKNOWN TO YOU',
  });
});
