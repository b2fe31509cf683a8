// Writes docs/schema/ from the code's own schemas, by the command that prints them.

import { execFileSync } from 'node:child_process';

const qpoe = (...args) => execFileSync(process.execPath, ['dist/bin/qpoe.js', ...args], { encoding: 'utf8' });
for (const name of JSON.parse(qpoe('schema', '--json')).schemas)
  qpoe('schema', name, '--out', `docs/schema/${name}.schema.json`);
