// What `qpoe.auto()` costs a Python process: bench/auto.py, in a Python that has Qiskit.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { findTestPython } from '../test/test-python.ts';

const found = await findTestPython('qiskit');
if ('reason' in found) {
  console.log(`left out: ${found.reason}`);
  process.exit(0);
}
const home = mkdtempSync(join(tmpdir(), 'qpoe-bench-'));
try {
  const { status } = spawnSync(found.python, [join(import.meta.dirname, 'auto.py')], {
    stdio: 'inherit',
    env: {
      ...process.env,
      PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}`,
      PYTHONPATH: join(import.meta.dirname, '../python'),
      QPOE_HOME: home,
    },
  });
  process.exitCode = status ?? 1;
} finally {
  rmSync(home, { recursive: true, force: true });
}
