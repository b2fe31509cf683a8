// dist/verifier.html: web/ as one file that needs nothing else. The same sources give the same bytes, on any machine: its
// digest is published, and whoever doubts it builds it again.

import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, transform } from 'esbuild';
import { pageSample } from './page-sample.mjs';

const root = join(import.meta.dirname, '..');
const read = (path) => readFileSync(join(root, path), 'utf8');
const hashOf = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** WebAssembly needs a permission that the page doesn't give itself. */
const noWasm = {
  name: 'no-wasm',
  setup({ onResolve }) {
    onResolve({ filter: /\/wasm-kernels\.ts$/ }, () => ({ path: join(root, 'web/no-wasm.ts') }));
  },
};

export async function buildPage() {
  const [script, style] = await Promise.all([
    bundle(),
    transform(read('web/style.css'), { loader: 'css', minify: true }),
  ]);
  const css = style.code.trim();
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(css)}`,
    // The page's own script again: `web/verifier.ts`.
    'worker-src blob:',
    "connect-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types qpoe-worker',
  ].join('; ');
  const { version } = JSON.parse(read('package.json'));
  const parts = { policy, version, style: css, sample: inert(pageSample()), script };
  let page = read('web/page.html');
  for (const [name, text] of Object.entries(parts)) {
    // A place that is not there would leave its part out, and the page would still be a page.
    if (page.split(`{{${name}}}`).length !== 2) throw new Error(`web/page.html has no one place for ${name}`);
    page = page.replace(`{{${name}}}`, () => text);
  }
  writeFileSync(join(root, 'dist/verifier.html'), page);
}

async function bundle() {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['web/main.ts'],
    bundle: true,
    minify: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2024',
    charset: 'utf8',
    legalComments: 'none',
    plugins: [noWasm],
    write: false,
    logLevel: 'warning',
  });
  const text = outputFiles[0].text.trim();
  // What would end the element, or hide its end, stands in no script of ours.
  if (/<\/script|<!--/i.test(text)) throw new Error('the script holds what ends a script element');
  return text;
}

/** In an element that holds data, the one thing that could end it. */
function inert(json) {
  return json.replaceAll('<', '\\u003c');
}
