/** Three receipts that a real CI job signed on Sigstore's public-good instance, as they are and tampered with. */

import { isDeepStrictEqual } from 'node:util';
import { beforeAll, expect, it } from 'vitest';
import { edit, get, type Json, type Path, paths, SUBSTITUTES, variants } from '../../test/mutations.ts';
import { describeVectors, readVector } from '../../test/shared-vectors.ts';
import { byteFlips, RECEIPTS, type SignedReceipt, STAMPS } from '../../test/signed-receipts.ts';
import { verifyKeyless } from './keyless.ts';
import { PUBLIC_GOOD_ROOT } from './public-good-root.ts';

describeVectors('real keyless signatures', 'aiir/signed', () => {
  let receipts: SignedReceipt[];
  beforeAll(() => {
    receipts = RECEIPTS.map((name) => ({
      bytes: readVector(`aiir/signed/${name}`),
      bundle: JSON.parse(readVector(`aiir/signed/${name}.sigstore`).toString()),
    }));
  });
  const judge = ({ bytes, bundle }: SignedReceipt, root = PUBLIC_GOOD_ROOT) =>
    verifyKeyless(bundle, { kind: 'blob', bytes }, root);

  it('verify with the public-good root, offline', () => {
    for (const receipt of receipts)
      expect(judge(receipt)).toMatchObject({
        status: 'pass',
        identity:
          'https://github.com/invariant-systems-ai/aiir/.github/workflows/dogfood.yml@refs/heads/main',
        issuer: 'https://token.actions.githubusercontent.com',
      });
    expect(judge(receipts[0]!)).toMatchObject({ integratedTime: Date.UTC(2026, 2, 8, 16, 53, 1) });
  });

  it('verify for no other file', () => {
    expect(judge({ ...receipts[0]!, bytes: receipts[1]!.bytes })).toMatchObject({ code: 'keyless.digest' });
  });

  it.each(['tlogs', 'certificateAuthorities', 'ctlogs', 'timestampAuthorities'])(
    'are unknown to a root whose %s are older',
    (part) => {
      const root = JSON.parse(PUBLIC_GOOD_ROOT);
      root[part] =
        part === 'timestampAuthorities'
          ? []
          : root[part].slice(part === 'tlogs' ? 1 : 0, part === 'tlogs' ? 2 : 1);
      expect(judge(receipts[0]!, JSON.stringify(root))).toMatchObject({
        status: 'unknown',
        code: 'keyless.root',
      });
    },
  );

  it('pass with no member edited, removed or doubled, but for what leaves the stamp out', () => {
    const [{ bundle, bytes }] = receipts as [SignedReceipt];
    const { timestamp, ...withoutStamp } = judge(receipts[0]!) as { timestamp?: number };
    expect(timestamp).toBeDefined();
    const passed: string[] = [];
    for (const [how, edited, path] of editsOf(bundle)) {
      if (isDeepStrictEqual(edited, bundle)) continue;
      const result = judge({ bytes, bundle: edited });
      if (result.status !== 'pass') continue;
      expect(result, `${how} ${path.join('.')}`).toEqual(withoutStamp);
      passed.push(`${how} ${path.slice(-2).join('.')}`);
    }
    expect(passed.sort()).toEqual([
      'cut timestampVerificationData.rfc3161Timestamps',
      'removed rfc3161Timestamps.0',
      'removed timestampVerificationData.rfc3161Timestamps',
      'removed verificationMaterial.timestampVerificationData',
      'replaced timestampVerificationData.rfc3161Timestamps with []',
      'replaced verificationMaterial.timestampVerificationData with {}',
    ]);
  });

  it('pass with none of a sample of bytes flipped', () => {
    const flips = [...byteFlips(receipts[0]!)].filter(([where]) => where !== STAMPS);
    const every = Math.ceil(flips.length / 120);
    for (const [where, flipped] of flips.filter((_, i) => i % every === 0))
      expect(judge(flipped()).status, where).not.toBe('pass');
  });

  function* editsOf(bundle: Json): Generator<[string, Json, Path]> {
    for (const path of paths(bundle)) {
      const value = get(bundle, path);
      yield ['removed', edit(bundle, path, remove), path];
      if (path.some((step) => step === 'hashes') && path.at(-1) !== '0') continue;
      for (const other of SUBSTITUTES)
        yield [
          `replaced`,
          edit(bundle, path, (parent, name) => (parent[name] = other)),
          [...path.slice(0, -1), `${path.at(-1)} with ${JSON.stringify(other)}`],
        ];
      for (const other of variants(value))
        yield [
          Array.isArray(other) && Array.isArray(value) && other.length < value.length ? 'cut' : 'varied',
          edit(bundle, path, (parent, name) => (parent[name] = other)),
          path,
        ];
    }
  }
});

function remove(parent: Record<string, Json>, name: string): void {
  if (Array.isArray(parent)) parent.splice(Number(name), 1);
  else delete parent[name];
}
