/** What the package hands out: one way in for each part, small where little is used, and documented. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const { exports: ways, files, bin, man } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const PARTS = Object.keys(ways)
  .map((way) => way.slice('./'.length))
  .filter((part) => !part.includes('.') && !part.includes('*'));

it('every part is built, typed and packed', () => {
  expect(PARTS).toEqual([
    'core',
    'circuit',
    'simulator',
    'record',
    'attest',
    'tlog',
    'anchor',
    'verify',
    'store',
  ]);
  for (const part of PARTS) {
    expect(ways[`./${part}`]).toEqual({
      types: `./dist/${part}/index.d.ts`,
      default: `./dist/${part}/index.js`,
    });
    expect(files).toContain(`dist/${part}`);
    for (const path of Object.values<string>(ways[`./${part}`]))
      expect(existsSync(join(root, path))).toBe(true);
  }
  for (const path of [bin.qpoe, man]) expect(existsSync(join(root, path)), path).toBe(true);
});

it('every function and constant that is handed out says what it takes and gives', () => {
  const silent: string[] = [];
  let seen = 0;
  for (const part of PARTS) {
    const index = readFileSync(join(root, 'src', part, 'index.ts'), 'utf8');
    for (const [, names, file] of index.matchAll(/export \{([^}]*)\} from '\.\/([^']+)'/g)) {
      const source = readFileSync(join(root, 'src', part, file!), 'utf8');
      for (const name of names!.split(',').map((word) => word.trim())) {
        if (name === '' || name.startsWith('type ')) continue;
        seen++;
        const documented = new RegExp(`\\*/\\nexport (?:async )?(?:function|const|class) ${name}\\b`);
        if (!documented.test(source)) silent.push(`${part}: ${name}`);
      }
    }
  }
  expect(silent).toEqual([]);
  expect(seen).toBeGreaterThan(60);
});

// Bytes, minified. What is larger brings something in that no one asked for: zod's locales were 370,000 of them once.
it.each([
  ["import { digestOf } from 'quantum-proof-of-execution/core'; digestOf;", 8_000],
  ["import { leafHash } from 'quantum-proof-of-execution/tlog'; leafHash;", 8_000],
  ["import { readRecord } from 'quantum-proof-of-execution/record'; readRecord;", 50_000],
  ["import { verifyBytes } from 'quantum-proof-of-execution/verify'; verifyBytes;", 290_000],
])('a page takes only what it uses: %s', async (code, most) => {
  const { outputFiles } = await build({
    stdin: { contents: code.replace(/(\w+);$/, 'console.log($1);'), resolveDir: root },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    write: false,
    logLevel: 'error',
  });
  expect(outputFiles[0]!.contents.length).toBeLessThan(most);
});
