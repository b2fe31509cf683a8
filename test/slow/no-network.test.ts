/** Verification opens no socket, whatever the evidence: told by the system calls that it makes. */

import { spawnSync } from 'node:child_process';
import { appendFileSync, copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { BIN, newPlace } from '../cli.ts';
import { NO_ANVIL } from '../lying-node.ts';

const hasStrace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0;
const NAME = 'verify asks the system for no socket, of one bundle or of a folder';

it.skipIf(!hasStrace || NO_ANVIL)(hasStrace ? NAME : `${NAME} (skipped: no strace)`, () => {
  const place = newPlace();
  place.qpoe('run', '--n-qubits', '2', '--depth', '1');
  place.qpoe('anchor', 'submit');
  place.qpoe('bundle', '--out', 'b.json');
  appendFileSync(join(place.home, 'trust.toml'), '\n[require.bundle]\nlog = true\nanchor = true\n');
  mkdirSync(place.path('many'));
  // Enough for threads.
  for (let n = 0; n < 70; n++) copyFileSync(place.path('b.json'), place.path('many', `${n}.json`));
  for (const what of ['b.json', 'many']) {
    const trace = place.path(`${what}.trace`);
    const args = [
      '-f',
      '-e',
      'trace=socket,socketpair,connect,bind,listen,accept,accept4,sendto,sendmsg,sendmmsg',
      '-o',
      trace,
      process.execPath,
      BIN,
      'verify',
      what,
    ];
    const { status, stderr } = spawnSync('strace', args, { cwd: place.folder, env: place.environment });
    expect(status).toBe(0);
    expect(String(stderr)).toBe('');
    const calls = readFileSync(trace, 'utf8')
      .split('\n')
      .filter((line) => /^\d+ +\w+\(/.test(line));
    expect(calls).toEqual([]);
  }
});
