import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import seeds from '@sigstore/tuf/seeds.json' with { type: 'json' };
import { describe, expect, it } from 'vitest';
import { PUBLIC_GOOD_ROOT } from './public-good-root.ts';
import { loadTrustedRoot, readTrustedRoot } from './trusted-root.ts';

describe('the public-good root', () => {
  it('is what @sigstore/tuf ships, byte for byte', () => {
    const { targets } = seeds['https://tuf-repo-cdn.sigstore.dev'];
    expect(PUBLIC_GOOD_ROOT).toBe(Buffer.from(targets['trusted_root.json'], 'base64').toString());
  });

  it('is read, and named without a file', () => {
    expect(loadTrustedRoot('public-good', '/nowhere')).toBe(PUBLIC_GOOD_ROOT);
    expect(readTrustedRoot(PUBLIC_GOOD_ROOT).logs.map(({ host }) => host)).toEqual([
      'rekor.sigstore.dev',
      'log2025-1.rekor.sigstore.dev',
    ]);
  });
});

describe('another root', () => {
  it('is a file, beside the policy', () => {
    const folder = mkdtempSync(join(tmpdir(), 'qpoe-root-'));
    try {
      writeFileSync(join(folder, 'root.json'), PUBLIC_GOOD_ROOT);
      expect(loadTrustedRoot('root.json', folder)).toBe(PUBLIC_GOOD_ROOT);
      expect(() => loadTrustedRoot('none.json', folder)).toThrow(/can't read .*none\.json/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  const without = (name: string) => JSON.stringify({ ...JSON.parse(PUBLIC_GOOD_ROOT), [name]: [] });
  it.each([
    ['no JSON', '{'],
    ['another document', '{}'],
    ['without an authority', without('certificateAuthorities')],
    ['without a log', without('tlogs')],
    ['with a key that is none', PUBLIC_GOOD_ROOT.replace('"MFkwEwYH', '"MFkwEwYI')],
  ])('is refused: %s', (_, text) => {
    expect(() => readTrustedRoot(text)).toThrow(/^not a Sigstore trusted root: /);
  });
});

it('the verifier loads nothing that could open a socket, and warns of nothing', () => {
  const script = `
    const before = new Set(process.moduleLoadList);
    const { verifyKeyless } = await import(${JSON.stringify(join(import.meta.dirname, 'keyless.ts'))});
    const { PUBLIC_GOOD_ROOT } = await import(${JSON.stringify(join(import.meta.dirname, 'public-good-root.ts'))});
    verifyKeyless({}, { kind: 'dsse' }, PUBLIC_GOOD_ROOT);
    console.log(process.moduleLoadList.filter((name) => !before.has(name)).join('\\n'));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(stdout).toMatch(/NativeModule crypto/);
  expect(stdout).not.toMatch(
    /NativeModule (internal\/deps\/undici|_?https?2?|net|tls|dns|dgram|child_process|worker_threads)/,
  );
});
