// contracts/LogAnchor.sol → contracts/LogAnchor.json: `node scripts/compile-contracts.mjs`; with `--check`, only whether it
// is up to date.

import { readFileSync, writeFileSync } from 'node:fs';
import { CONTRACTS, compile, compilerVersion, SETTINGS } from './contract-compiler.ts';

const target = new URL('LogAnchor.json', CONTRACTS);
const source = readFileSync(new URL('LogAnchor.sol', CONTRACTS), 'utf8');
const artifact = {
  compiler: { name: 'solc', version: compilerVersion() },
  settings: SETTINGS,
  ...compile('LogAnchor', source),
};
const text = `${JSON.stringify(artifact, undefined, 2)}\n`;

if (!process.argv.includes('--check')) writeFileSync(target, text);
else if (readFileSync(target, 'utf8') !== text) {
  console.error(
    'contracts/LogAnchor.json is not what the sources make: run node scripts/compile-contracts.mjs',
  );
  process.exitCode = 1;
}
