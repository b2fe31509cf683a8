// Writes docs/schema/ from the code's own schemas, by the command that prints them, docs/checks.md from its catalogue,
// docs/verifier-page.sha256 from the page that was built, docs/qpoe.1 and docs/cli-reference.md from the commands.

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { checksPage } from './checks-page.ts';
import { cliReference } from './cli-reference.ts';
import { manualPage } from './manual-page.ts';

const qpoe = (...args) => execFileSync(process.execPath, ['dist/bin/qpoe.js', ...args], { encoding: 'utf8' });
for (const name of JSON.parse(qpoe('schema', '--json')).schemas)
  qpoe('schema', name, '--out', `docs/schema/${name}.schema.json`);
writeFileSync('docs/checks.md', checksPage());
const { digest } = JSON.parse(qpoe('verify', '--page', '--json'));
writeFileSync('docs/verifier-page.sha256', `${digest.replace('sha256:', '')}  verifier.html\n`);
writeFileSync('docs/qpoe.1', manualPage());
writeFileSync('docs/cli-reference.md', cliReference());
