// Installs the dependencies where they are missing or older than package.json, then builds. Runs on Node 20, before
// anything is installed: `npm start` and `npm test` begin here, so that each works alone in a fresh clone.

import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';

const installed = 'node_modules/.package-lock.json';

if (!existsSync(installed) || statSync('package.json').mtimeMs > statSync(installed).mtimeMs)
  run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error']);
// The Node that the dependencies brought: the bundler's target, and the one the tests run on.
run('node_modules/node/bin/node', ['scripts/build.mjs']);

function run(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status === 0) return;
  console.error(`setup: ${command} ${args.join(' ')} failed${error ? `: ${error.message}` : ''}`);
  process.exit(1);
}
