/** `qpoe run`, killed or refused at every system call with which it writes: nothing half-written is ever seen. */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BIN, type Place, placeIn } from '../cli.ts';

const hasStrace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0;

let root = '';
let place: Place;

/** Whatever the run left: each record whole and verified, `list` in order, `--out` whole or absent. @returns how many records */
function expectSound(about: string): number {
  const records = existsSync(place.path('.qpoe/records'))
    ? readdirSync(place.path('.qpoe/records')).filter((name) => !name.startsWith('.'))
    : [];
  if (records.length > 0) expect(place.qpoe('verify', '.qpoe/records').code, about).toBe(0);
  if (existsSync(place.path('q.json'))) expect(place.qpoe('verify', 'q.json').code, about).toBe(0);
  expect(place.qpoe('doctor').code, about).toBe(0);
  if (existsSync(place.path('.qpoe/records'))) {
    const listed = place.qpoe('list', '--json');
    expect(JSON.parse(listed.stdout).records, about).toHaveLength(records.length);
  }
  return records.length;
}

/** `when` counts the calls of one thread; ours writes from the main one. */
function runInjected(call: string, fault: string, when: number) {
  rmSync(place.path('.qpoe'), { recursive: true, force: true });
  rmSync(place.path('q.json'), { force: true });
  const inject = `inject=${call}:${fault}:when=${when}`;
  return spawnSync(
    'strace',
    [
      '-f',
      '-qqq',
      '-o',
      place.path('trace'),
      '-e',
      `trace=${call}`,
      '-e',
      inject,
      process.execPath,
      BIN,
      'run',
      '--quiet',
      '--out',
      'q.json',
    ],
    {
      cwd: place.folder,
      env: place.environment,
      encoding: 'utf8',
    },
  );
}

describe.skipIf(!hasStrace)(
  hasStrace ? 'a writer that dies' : 'a writer that dies (skipped: no strace)',
  () => {
    beforeAll(() => {
      root = mkdtempSync(join(tmpdir(), 'qpoe-crash-'));
      place = placeIn(root);
      place.qpoe('init');
    });
    afterAll(() => rmSync(root, { recursive: true, force: true }));

    const wasInjected = () => readFileSync(place.path('trace'), 'utf8').includes('INJECTED');
    const wasKilled = () => readFileSync(place.path('trace'), 'utf8').includes('killed by SIGKILL');

    it.each([
      ['mkdir', 1],
      ['openat', 30],
      ['write', 1],
      ['pwrite64', 1],
      ['fsync', 1],
      ['rename', 1],
      ['unlink', 1],
    ])('by SIGKILL at %s leaves a sound store', (call, first) => {
      let points = 0;
      for (let when = first; ; when++) {
        const { status } = runInjected(call, 'signal=KILL', when);
        if (!wasKilled()) {
          expect(status).toBe(0);
          break;
        }
        expectSound(`${call} ${when}`);
        points++;
      }
      expect(points).toBeGreaterThan(0);
      console.log(`killed at ${points} calls of ${call}`);
    });

    it.each(['mkdir', 'pwrite64', 'fsync', 'rename'])(
      'with an I/O error at %s says so, and leaves a sound store',
      (call) => {
        let points = 0;
        for (let when = 1; ; when++) {
          const { status, stderr } = runInjected(call, 'error=EIO', when);
          if (!wasInjected()) break;
          if (status !== 0) {
            expect(status, stderr).toBe(4);
            expect(stderr.trimEnd().split('\n'), stderr).toEqual([expect.stringMatching(/^qpoe: can't /)]);
          }
          expectSound(`${call} ${when}`);
          points++;
        }
        expect(points).toBeGreaterThan(0);
        console.log(`failed ${points} calls of ${call}`);
      },
    );
  },
);
