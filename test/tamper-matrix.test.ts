/** A sample of the tamper matrix: `test/slow/tamper-matrix.test.ts` has all of it. */

import { afterAll, expect, it } from 'vitest';
import type { Trust } from '../src/verify/trust.ts';
import { verifyBytes } from '../src/verify/verify.ts';
import { everyNth, memberMutants, textMutants } from './bundle-mutants.ts';
import { NO_OPENSSL } from './openssl-authority.ts';
import { NOW } from './records.ts';
import { describeTally, newMatrix, openLaboratory, partMutants, tally } from './tamper-matrix.ts';

const laboratory = await openLaboratory();
const { bundle, means, close } = laboratory;
afterAll(close);
const parts = await partMutants(laboratory);
const original = JSON.parse(Buffer.from(bundle.bytes).toString());

/** The two policies differ in their demands alone, so what fails under one fails under both; of the parts both are asked. */
const PARTS = [
  ...everyNth(
    parts.filter(({ kind }) => ['notes', 'spliced'].includes(kind)),
    7,
  ),
  // How many notes' mutants there are is by chance: what the last test looks for must not be.
  ...parts.filter(({ kind }) => ['rebuilt', 'swapped', 'replayed', 'added'].includes(kind)),
];
const MEMBERS = [
  ...everyNth(memberMutants(original), 23),
  ...everyNth(textMutants(bundle.bytes, { cut: 97, flip: 97 }), 7),
];

it.each(['bytes', 'other'] as const)('unedited, each bundle passes under both policies: %s', async (name) => {
  for (const trust of [bundle.strict, bundle.own]) {
    const { verdict, checks, signer } = await verifyBytes(bundle[name], trust, NOW, means);
    expect([verdict, signer]).toEqual(['pass', 'lab']);
    // The receipt was seen only after the run, and its file is unsigned.
    const other = checks.filter(({ status }) => status !== 'pass').map(({ id }) => id);
    expect(other).toEqual([
      'receipt.signature',
      'receipt.signer',
      'receipt.subject',
      'order.declared_before_run',
    ]);
    const stamps = checks.filter(({ id }) => id === 'time.stamp');
    expect(stamps).toHaveLength(NO_OPENSSL === undefined ? 2 : 0);
  }
});

it.each([
  ['part', PARTS, true, 6],
  ['member or byte', MEMBERS, false, 13],
] as const)(
  'no mutant of a %s passes that says anything else',
  async (_, mutants, both, kinds) => {
    const result = await tally(mutants, await newMatrix(laboratory, both));
    console.log(describeTally(result));
    expect(result.holes).toEqual([]);
    expect(result.made).toBe(mutants.length);
    expect(result.byKind.size).toBe(kinds);
  },
  120_000,
);

it('is a sample of a thousand and more', () => expect(PARTS.length + MEMBERS.length).toBeGreaterThan(1000));

/** A matrix that finds nothing would pass too. */
it('finds holes in a policy that demands nothing, and in one that demands no witness', async () => {
  const strict = bundle.strict as Extract<Trust, { kind: 'policy' }>;
  const { witnesses: _, ...unwitnessed } = strict.policy.require!.bundle!;
  const telling = parts.filter(
    ({ kind, about }) => kind === 'replayed' || about.startsWith('a tree the very'),
  );
  const holesOf = async (trust: Trust): Promise<readonly string[]> => {
    const matrix = await newMatrix({ ...laboratory, bundle: { ...bundle, strict: trust } }, false);
    return (await tally(telling, matrix)).holes;
  };
  const lax = await holesOf(bundle.own);
  const blind = await holesOf({ ...strict, policy: { ...strict.policy, require: { bundle: unwitnessed } } });
  expect(lax).toContainEqual(expect.stringContaining('replayed: the anchor of a smaller tree'));
  expect(blind).toContainEqual(expect.stringContaining('replayed: a proof that no witness saw'));
  expect(blind).toContainEqual(expect.stringContaining('rebuilt: a tree the very tree'));
  expect(lax.length).toBeGreaterThan(blind.length);
}, 120_000);
