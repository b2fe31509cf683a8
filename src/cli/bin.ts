#!/usr/bin/env node
// This file runs on any Node that reads modules, so that an old one gets a line it can act on.

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const recent = major > 24 || (major === 24 && minor >= 15);

if (recent) {
  (await import('./compile-cache.ts')).useCompileCache(process.env);
  const { main } = await import('./main.ts');
  process.exitCode = await main(process.argv.slice(2), process.env);
} else {
  await relaunch();
}

/** In a clone, the Node of the development dependencies stands in for an older one. */
async function relaunch(): Promise<void> {
  const node = join(dirname(process.argv[1] ?? ''), '../../node_modules/node/bin/node');
  const local = [node, join(import.meta.dirname ?? '', '../../node_modules/node/bin/node')].find(existsSync);
  if (local === undefined) {
    process.stderr.write(
      `qpoe: needs Node 24.15 or newer, this is ${process.versions.node}; install a newer Node\n`,
    );
    process.exitCode = 2;
    return;
  }
  const { spawnSync } = await import('node:child_process');
  const { status, signal } = spawnSync(local, process.argv.slice(1), { stdio: 'inherit' });
  process.exitCode = signal === 'SIGINT' ? 130 : (status ?? 4);
}
