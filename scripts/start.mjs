// `npm start`: the main job on the embedded simulator, and what happens when someone touches the numbers.
// It keeps its keys and records in `.cache/start`, away from the person's own.

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import './setup.mjs';

const folder = '.cache/start';
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const places = ['--home', `${folder}/home`, '--store', `${folder}/store`];

show('run --n-qubits 4 --depth 10 --seed 123 --shots 2000 --out record.json', 0);
show('verify record.json', 0);

const record = JSON.parse(readFileSync(`${folder}/record.json`, 'utf8'));
const { counts } = record.execution.result_summary[0];
const [from, to] = Object.keys(counts);
counts[from] -= 1;
counts[to] += 1;
writeFileSync(`${folder}/tampered.json`, JSON.stringify(record, null, 2) + '\n');
console.log(`\nNow someone moves one shot from ${from} to ${to}, and calls it tampered.json.`);
show('verify tampered.json', 1);

console.log(`\nThat was qpoe. Your own first record: npx qpoe run`);

function show(line, expected) {
  console.log(`\n$ qpoe ${line}`);
  const args = line.split(' ').map((word) => (word.endsWith('.json') ? `${folder}/${word}` : word));
  const { status } = spawnSync('node_modules/node/bin/node', ['dist/bin/qpoe.js', ...args, ...places], {
    stdio: 'inherit',
  });
  console.log(`(exit code ${status})`);
  if (status === expected) return;
  console.error(`npm start: expected exit code ${expected}`);
  process.exit(1);
}
