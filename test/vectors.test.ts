/** This project's own vectors: each case has the verdict, the status and the code that it names. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../src/core/bytes.ts';
import { parseTime } from '../src/core/time.ts';
import { openCheckpoint } from '../src/tlog/checkpoint.ts';
import { parseLogProof } from '../src/tlog/proof.ts';
import { parseVkey } from '../src/tlog/vkey.ts';
import { parsePolicy } from '../src/verify/policy.ts';
import { verifyBytes } from '../src/verify/verify.ts';

const root = join(import.meta.dirname, '../vectors');
const read = (...path: string[]) => JSON.parse(readFileSync(join(root, ...path), 'utf8'));

describe.each(['record', 'statement', 'log', 'time', 'bundle', 'binding'])('%s vectors', (folder) => {
  it.each(readdirSync(join(root, folder)))('%s', async (file) => {
    const { text, policy, now, expect: expected } = read(folder, file);
    const trust = { kind: 'policy', path: 'trust.toml', policy: parsePolicy(policy, 'trust.toml') } as const;
    const { verdict, checks } = await verifyBytes(utf8(text), trust, parseTime(now)!);
    const all = checks.filter(({ id }) => id === expected.check);
    const { status, code } = all.find((check) => check.status === expected.status) ?? all[0]!;
    expect({ verdict, check: expected.check, status, ...(code === undefined ? {} : { code }) }).toEqual(
      expected,
    );
  });
});

describe('note vectors', () => {
  it.each(readdirSync(join(root, 'note')))('%s', async (file) => {
    const { text, vkey, code } = read('note', file);
    expect((await openCheckpoint(utf8(text), parseVkey(vkey).value!)).code).toBe(code);
  });
});

describe('tlog-proof vectors', () => {
  it.each(readdirSync(join(root, 'tlog-proof')))('%s', (file) => {
    const { text, code } = read('tlog-proof', file);
    expect(parseLogProof(utf8(text)).code).toBe(code);
  });
});
