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
  const demo = join(import.meta.dirname, '../../demo');
  // Witnesses, a time stamp and a receipt too.
  mkdirSync(place.path('trusted'));
  for (const file of ['trust.toml', 'authority.pem'])
    copyFileSync(join(demo, file), place.path('trusted', file));
  const whole = ['--policy', 'trusted/trust.toml', '--html', 'report.html', join(demo, 'demo.qpoe.json')];
  for (const [name, ...what] of [
    ['one', 'b.json'],
    ['folder', 'many'],
    ['demo', ...whole],
  ]) {
    const trace = place.path(`${name}.trace`);
    const args = [
      '-f',
      '-e',
      'trace=socket,socketpair,connect,bind,listen,accept,accept4,sendto,sendmsg,sendmmsg',
      '-o',
      trace,
      process.execPath,
      BIN,
      'verify',
      '-q',
      ...what,
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
