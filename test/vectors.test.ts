/** vectors/record/: each case has the verdict, the status and the code that it names. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../src/core/bytes.ts';
import { parseTime } from '../src/core/time.ts';
import { parsePolicy } from '../src/verify/policy.ts';
import { verifyBytes } from '../src/verify/verify.ts';

const folder = join(import.meta.dirname, '../vectors/record');

describe('record vectors', () => {
  it.each(readdirSync(folder))('%s', async (file) => {
    const { text, policy, now, expect: expected } = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    const trust = { kind: 'policy', path: 'trust.toml', policy: parsePolicy(policy, 'trust.toml') } as const;
    const { verdict, checks } = await verifyBytes(utf8(text), trust, parseTime(now)!);
    const { status, code } = checks.find(({ id }) => id === expected.check)!;
    expect({ verdict, check: expected.check, status, ...(code === undefined ? {} : { code }) }).toEqual(
      expected,
    );
  });
});
