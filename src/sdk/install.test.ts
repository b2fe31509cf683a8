/** Installing with programs that take the place of Python and pip; the real thing is in test/sdk-*.test.ts. */

import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { QpoeError } from '../core/error.ts';
import { installedEnvironments, lockFile, MARKER } from './environment.ts';
import { type InstallOptions, installSdk } from './install.ts';

const folder = mkdtempSync(join(tmpdir(), 'qpoe-install-'));
afterAll(() => rmSync(folder, { recursive: true }));
let made = 0;

const DESCRIPTION =
  '{"protocol":1,"description":{"packages":{},"missing":[],"python":{"implementation":"CPython","version":"3.12.1"},"platform":{"system":"","machine":""}}}';

/** A Python of this version; in the environments it makes, `pip install` does as told, in sh. */
function fakePython({ version = '3.12', pip = 'echo Collecting it', venv = 'true' } = {}): string {
  const path = join(folder, `python${made++}`);
  const inner = `#!/bin/sh\ncase "$*" in\n*'-m pip'*) printf '%s\\n' "$*" > '${path}.pip'; env > '${path}.env'; ${pip};;\n*) read -r line; echo '${DESCRIPTION}';;\nesac\n`;
  writeFileSync(`${path}.inner`, inner);
  chmodSync(`${path}.inner`, 0o755);
  writeFileSync(
    path,
    `#!/bin/sh\ncase "$*" in\n*'-I -c'*) echo ${version};;\n*'-m venv'*) ${venv} && mkdir -p "$4/bin" && : > "$4/pyvenv.cfg" && cp '${path}.inner' "$4/bin/python";;\nesac\n`,
  );
  chmodSync(path, 0o755);
  return path;
}

function optionsFor(
  python: string | undefined,
  more: Partial<InstallOptions> = {},
): InstallOptions & { lines: string[] } {
  const lines: string[] = [];
  return {
    python,
    cacheDir: join(folder, `cache${made++}`),
    signal: new AbortController().signal,
    onProgress: (line) => lines.push(line),
    lines,
    ...more,
  };
}

async function failure(options: InstallOptions): Promise<QpoeError> {
  const error: QpoeError = await installSdk('cirq', options).then(
    () => expect.unreachable('it must fail'),
    (reason) => reason,
  );
  expect(error.name).toBe('QpoeError');
  expect(error.message).not.toMatch(/[\n\r]/);
  if (existsSync(join(options.cacheDir, 'python')))
    expect(readdirSync(join(options.cacheDir, 'python'))).toEqual([]);
  return error;
}

test('once made, an environment is found and not made again', async () => {
  const python = fakePython();
  const options = optionsFor(python);
  const { python: installed, fresh } = await installSdk('cirq', options);
  expect(fresh).toBe(true);
  expect(installed).toMatch(/python\/cirq-[0-9a-f]{12}-py3\.12\/bin\/python$/);
  expect(options.lines).toEqual([
    'Making a virtual environment with Python 3.12',
    'Installing Cirq',
    'Collecting it',
  ]);
  expect(await installSdk('cirq', options)).toEqual({ python: installed, fresh: false });
  expect(await installedEnvironments(options.cacheDir, 'cirq')).toEqual([join(installed, '..', '..')]);
  expect(await installedEnvironments(options.cacheDir, 'qiskit')).toEqual([]);
});

test('only locked wheels are taken, whatever pip is set to, and into the environment', async () => {
  const python = fakePython();
  await installSdk(
    'cirq',
    optionsFor(python, { env: { ...process.env, PIP_TARGET: '/elsewhere', PIP_INDEX_URL: 'x' } }),
  );
  const args = readFileSync(`${python}.pip`, 'utf8');
  for (const flag of ['--require-hashes', '--no-deps', '--only-binary :all:', `-r ${lockFile('cirq')}`])
    expect(args).toContain(flag);
  const env = readFileSync(`${python}.env`, 'utf8');
  expect(env).not.toContain('PIP_TARGET');
  expect(env).toContain('PIP_INDEX_URL=x');
});

test.each<[string, Parameters<typeof fakePython>[0], RegExp, RegExp]>([
  ['too old', { version: '3.10' }, /is Python 3\.10; 3\.11 or newer/, /--python/],
  ['no venv', { venv: 'echo ensurepip is not available; exit 1' }, /has no venv module/, /python3-venv/],
  ['a venv that fails', { venv: 'echo no luck >&2; exit 1' }, /exit code 1: no luck/, /.*/],
  [
    'no network',
    {
      pip: 'echo "WARNING: Retrying: NewConnectionError" >&2; echo "ERROR: No matching distribution found for ply" >&2; exit 1',
    },
    /index is out of reach \(NewConnectionError\)/,
    /connection/,
  ],
  [
    'another file than the locked',
    {
      pip: 'printf "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.\\n    ply==3.11 from https://x/ply.whl:\\n  Expected sha256 1\\n" >&2; exit 1',
    },
    /not the one in the lock of cirq: ply==3\.11/,
    /mirror/,
  ],
  [
    'no wheel',
    { version: '3.99', pip: 'echo "ERROR: No matching distribution found for scipy==1.18.1" >&2; exit 1' },
    /no wheel of scipy==1\.18\.1 for Python 3\.99/,
    /--python/,
  ],
  [
    'a full disk',
    { pip: 'echo "ERROR: [Errno 28] No space left on device" >&2; exit 1' },
    /disk is full/,
    /QPOE_CACHE/,
  ],
  [
    'anything else',
    { pip: 'echo "ERROR: odd" >&2; echo "[notice] new pip" >&2; exit 2' },
    /pip failed with ERROR: odd/,
    /.*/,
  ],
])('%s: one clear line, and nothing left behind', async (_, fake, message, hint) => {
  const error = await failure(optionsFor(fakePython(fake)));
  expect(error.code).toBe('external');
  expect(error.message).toMatch(message);
  expect(error.hint ?? '').toMatch(hint);
});

test('no Python, no cache', async () => {
  expect((await failure(optionsFor('/nowhere/python'))).message).toContain(
    'no Python found: tried /nowhere/python',
  );
  const cacheDir = join(folder, 'file');
  writeFileSync(cacheDir, '');
  expect((await failure(optionsFor(fakePython(), { cacheDir }))).message).toContain('is not a folder');
});

test('an interruption leaves nothing', async () => {
  const abort = new AbortController();
  const options = optionsFor(fakePython({ pip: 'sleep 300' }), { signal: abort.signal });
  setTimeout(() => abort.abort(), 300);
  expect((await failure(options)).code).toBe('interrupted');
});

test('two at once both end with a whole environment', async () => {
  const options = optionsFor(fakePython({ pip: 'sleep 0.3' }));
  const [a, b] = await Promise.all([installSdk('cirq', options), installSdk('cirq', options)]);
  expect(a.python).toBe(b.python);
  expect(readdirSync(join(options.cacheDir, 'python'))).toHaveLength(1);
});

test('what is not finished or no longer starts is made again; what was abandoned is cleared', async () => {
  const options = optionsFor(fakePython());
  const { python } = await installSdk('cirq', options);
  rmSync(python);
  expect(await installSdk('cirq', options)).toEqual({ python, fresh: true });
  rmSync(join(python, '..', '..', MARKER));
  expect(await installedEnvironments(options.cacheDir, 'cirq')).toEqual([]);
  const abandoned = join(options.cacheDir, 'python', '.building-0');
  mkdirSync(abandoned);
  utimesSync(abandoned, 0, 0);
  expect(await installSdk('cirq', options)).toEqual({ python, fresh: true });
  expect(existsSync(abandoned)).toBe(false);
});

test('a cache that others can write is neither used nor filled', async () => {
  const options = optionsFor(fakePython());
  await installSdk('cirq', options);
  chmodSync(join(options.cacheDir, 'python'), 0o777);
  await expect(installedEnvironments(options.cacheDir, 'cirq')).rejects.toMatchObject({ code: 'unsafe' });
  await expect(installSdk('cirq', options)).rejects.toMatchObject({ code: 'unsafe' });
});

test.each(['qiskit', 'cirq'] as const)('the lock of %s pins everything by hash and names no place', (sdk) => {
  const lines = readFileSync(lockFile(sdk), 'utf8').split('\n').slice(2, -1);
  for (const line of lines)
    expect(line).toMatch(
      /^([a-z0-9-]+==[0-9][0-9.]*( ; [\w'<>=. ]+)? \\| {4}--hash=sha256:[0-9a-f]{64}( \\)?)$/,
    );
});
