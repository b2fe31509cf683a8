#!/usr/bin/env node
// npm's solc as the program that forge expects: `--version`, and standard JSON from stdin to stdout.

import { readFileSync } from 'node:fs';
import solc from 'solc';

if (process.argv.includes('--version')) {
  console.log(`solc, the solidity compiler commandline interface\nVersion: ${solc.version()}`);
} else {
  // Forge sends every file there is: an import that isn't among them is a mistake.
  const missing = (path) => ({ error: `not sent by forge: ${path}` });
  process.stdout.write(solc.compile(readFileSync(0, 'utf8'), { import: missing }));
}
