// `dist/<folder>/`: the library, by the compiler. `dist/bin/`: the command, bundled so that it starts fast. `dist/verifier.html`: the page.

import { spawnSync } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';
import { build } from 'esbuild';
import { buildPage } from './build-page.mjs';

const compiler = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-b'], { stdio: 'inherit' });
if (compiler.status !== 0) process.exit(compiler.status ?? 1);

rmSync('dist/bin', { recursive: true, force: true });
await build({
  entryPoints: {
    qpoe: 'src/cli/bin.ts',
    'verify-worker': 'src/cli/verify/verify-worker.ts',
    'simulator-worker': 'src/sdk/simulator-worker.ts',
    'qdk-runner': 'src/sdk/qdk-runner.ts',
    'expectation-worker': 'src/sdk/expectation-worker.ts',
  },
  outdir: 'dist/bin',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  // @sigstore's packages are CommonJS: bundled as modules, they still ask for Node's own by `require`.
  banner: {
    js: "import{createRequire as requireFrom}from'node:module';const require=requireFrom(import.meta.url);",
  },
  legalComments: 'linked',
  logLevel: 'warning',
});
chmodSync('dist/bin/qpoe.js', 0o755);
await buildPage();
