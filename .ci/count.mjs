// Adds the suites' reports to the steps, names what was skipped, and prints the closing line.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const [folder, steps, broken] = process.argv.slice(2);
let passed = Number(steps);
let failed = Number(broken);
let skipped = 0;
for (const name of readdirSync(folder).filter((file) => file.endsWith('.json'))) {
  const report = JSON.parse(readFileSync(join(folder, name), 'utf8'));
  passed += report.numPassedTests;
  failed += report.numFailedTests;
  for (const file of report.testResults) {
    // A file that failed to load has no tests that could fail.
    if (file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed')) failed++;
    for (const test of file.assertionResults.filter(
      ({ status }) => status !== 'passed' && status !== 'failed',
    )) {
      skipped++;
      console.log(`skipped: ${test.fullName}`);
    }
  }
}
if (existsSync(join(folder, 'broken')) && failed === 0) failed = 1;
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed === 0 ? 0 : 1;
