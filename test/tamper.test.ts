/** Every leaf of a record, edited in every way: nothing but the original passes. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../src/core/bytes.ts';
import { recordText } from '../src/record/record.ts';
import { verifyBytes } from '../src/verify/verify.ts';
import { edit, get, type Json, paths, SUBSTITUTES, variants } from './mutations.ts';
import { NOW, newSigner, resign, signedRecord, trusting } from './records.ts';

const signer = newSigner();
const trust = trusting(signer);
const record = await signedRecord(signer);
const original = JSON.parse(recordText(record)) as Json;

const PATHS = [...paths(original)];
async function outcome(text: string): Promise<string> {
  const { verdict, headline } = await verifyBytes(utf8(text), trust, NOW);
  return verdict === 'inconclusive' ? headline : verdict;
}

/** Only a newer version, with nothing else contradicting, may be less than a failure. */
async function expectRefused(edited: Json, about: string): Promise<void> {
  if (JSON.stringify(edited) === JSON.stringify(original)) return;
  const result = await outcome(JSON.stringify(edited));
  const { schema_version: version } = edited as { schema_version?: Json };
  const newer = typeof version === 'string' && /^[1-9]\d*\.\d+$/.test(version) && version !== '1.0';
  expect(result, about).toBe(newer ? 'NEWER FORMAT' : 'fail');
}

describe(`the ${PATHS.length} members of a record`, () => {
  it('pass unedited', async () => expect(await outcome(JSON.stringify(original))).toBe('pass'));

  it('fail when any is changed or retyped', async () => {
    let mutants = 0;
    for (const path of PATHS)
      for (const value of [...variants(get(original, path)), ...SUBSTITUTES]) {
        if (JSON.stringify(value) === JSON.stringify(get(original, path))) continue;
        await expectRefused(
          edit(original, path, (parent, name) => {
            parent[name] = value;
          }),
          `${path.join('.')} = ${JSON.stringify(value)}`,
        );
        mutants++;
      }
    expect(mutants).toBeGreaterThan(1000);
  });

  it('fail when any is removed', async () => {
    for (const path of PATHS)
      await expectRefused(
        edit(original, path, (parent, name) => {
          if (Array.isArray(parent)) parent.splice(Number(name), 1);
          else delete parent[name];
        }),
        `without ${path.join('.')}`,
      );
  });

  it('fail when any is written twice', async () => {
    const text = JSON.stringify(original);
    const names = PATHS.filter((path) => !Array.isArray(get(original, path.slice(0, -1))));
    for (const path of names) {
      const marked = JSON.stringify(
        edit(original, path, (parent, name) => {
          parent[`${name}\u0000`] = parent[name]!;
        }),
      );
      const doubled = marked.replace('\\u0000', '');
      expect(doubled).not.toBe(text);
      expect(await outcome(doubled), `twice ${path.join('.')}`).toBe('fail');
    }
  });

  it('fail when any is renamed or moved elsewhere', async () => {
    for (const path of PATHS)
      await expectRefused(
        edit(original, path, (parent, name) => {
          if (Array.isArray(parent)) return;
          parent[`${name}_`] = parent[name]!;
          delete parent[name];
        }),
        `renamed ${path.join('.')}`,
      );
  });

  it('fail when a member is added to any of its objects, whatever its name', async () => {
    const text = JSON.stringify(original);
    const names = ['__proto__', '\\u005f_proto__', 'constructor', 'toString', 'hasOwnProperty', 'x'];
    for (let at = text.indexOf('{'); at >= 0; at = text.indexOf('{', at + 1))
      for (const name of names)
        for (const value of ['1', '{"shots":1}']) {
          const empty = text[at + 1] === '}';
          const added = `${text.slice(0, at + 1)}"${name}":${value}${empty ? '' : ','}${text.slice(at + 1)}`;
          expect(await outcome(added), `${name} at ${at}`).toBe('fail');
        }
  });

  it('fail when two of the same type are swapped', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...PATHS), fc.constantFrom(...PATHS), async (a, b) => {
        const [x, y] = [get(original, a), get(original, b)];
        fc.pre(typeof x === typeof y && JSON.stringify(x) !== JSON.stringify(y) && typeof x !== 'object');
        const swapped = edit(original, a, (parent, name) => {
          parent[name] = y;
        }) as Record<string, Json>;
        let parent = swapped;
        for (const step of b.slice(0, -1)) parent = parent[step] as Record<string, Json>;
        parent[String(b.at(-1))] = x;
        await expectRefused(swapped, `${a.join('.')} ↔ ${b.join('.')}`);
      }),
      { numRuns: 300 },
    );
  });
});

it('no truncation of the file passes', async () => {
  const text = recordText(record);
  // The last character is a line feed: without it the record is still whole.
  for (let length = 0; length < text.length - 1; length++)
    expect(await outcome(text.slice(0, length))).toBe('fail');
});

it('no flipped bit of the file passes as anything but the same record', async () => {
  const bytes = utf8(recordText(record));
  for (let at = 0; at < bytes.length; at++) {
    const copy = bytes.slice();
    copy[at]! ^= 1 << (at % 8);
    const { verdict, headline } = await verifyBytes(copy, trust, NOW);
    // White space may become other white space; a version may become a newer one.
    if (verdict === 'pass') expect(JSON.parse(new TextDecoder().decode(copy))).toEqual(original);
    else if (verdict === 'inconclusive') expect(headline).toBe('NEWER FORMAT');
  }
});

it('signed again with another key, no edit passes, and neither does the original', async () => {
  const stranger = newSigner();
  for (const path of PATHS) {
    const value = get(original, path);
    for (const other of variants(value).slice(0, 2)) {
      const edited = edit(original, path, (parent, name) => {
        parent[name] = other;
      });
      let signed: Json;
      try {
        signed = JSON.parse(JSON.stringify(await resign(edited as never, stranger))) as Json;
      } catch {
        // Without its record section there is nothing to sign.
        continue;
      }
      const { verdict } = await verifyBytes(utf8(JSON.stringify(signed)), trust, NOW);
      expect(verdict, path.join('.')).not.toBe('pass');
    }
  }
  expect((await verifyBytes(utf8(recordText(await resign(record, stranger))), trust, NOW)).verdict).toBe(
    'inconclusive',
  );
});
