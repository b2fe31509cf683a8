// The transcript in docs/demo.md: what `qpoe demo --static --yes` prints. `npm run build` first.

import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const { status, stdout, stderr } = spawnSync(
  process.execPath,
  ['dist/bin/qpoe.js', 'demo', '--static', '--yes'],
  {
    cwd: root,
    encoding: 'utf8',
  },
);
if (status !== 0) throw new Error(`qpoe demo ended with ${status}: ${stderr}${stdout}`);
const path = join(root, 'docs/demo.md');
const text = readFileSync(path, 'utf8').replace(
  /(?<=^```console .*\n)[\s\S]*?(?=^```$)/m,
  () => `$ qpoe demo --static --yes\n${stdout}`,
);
writeFileSync(path, text);
