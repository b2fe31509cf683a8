/** What the package hands out: one way in for each part, small where little is used, and documented. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
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
  const page = await bundled(code.replace(/(\w+);$/, 'console.log($1);'));
  expect(page.length).toBeLessThan(most);
});

it('docs/library.md says how large the example’s page is, and one that only reads records', async () => {
  const document = readFileSync(join(root, 'docs/library.md'), 'utf8').replaceAll('\n', ' ');
  const [, ...said] =
    /is (\d+) kB minified \((\d+) kB gzipped\); one that takes `readRecord` alone (\d+) kB \((\d+) kB\)/.exec(
      document,
    )!;
  const verifies = readFileSync(join(root, 'examples/browser/verify.js'), 'utf8');
  const reads = "import { readRecord } from 'quantum-proof-of-execution/record'; console.log(readRecord);";
  const built = [await bundled(verifies), await bundled(reads)].flatMap((bytes) => [
    bytes.length,
    gzipSync(bytes).length,
  ]);
  for (const [index, kilobytes] of said.entries())
    expect(built[index]! / (1000 * Number(kilobytes)), `${kilobytes} kB`).toBeCloseTo(1, 1);
});

async function bundled(code: string): Promise<Uint8Array> {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: root },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    write: false,
    logLevel: 'error',
  });
  return outputFiles[0]!.contents;
}
