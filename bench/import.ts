// Jobs imported a second, from the emulator: `qpoe runtime import --all`, beside the same requests with nothing done with the
// answers, and beside the official client's loop over the same jobs where a Python has it.
//
//     node bench/import.ts [--jobs 400]
//
// The store lies once on the disk and once in memory (/dev/shm): the difference is what is waited for the disk.

import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { type Emulator, startEmulator } from '../src/runtime/emulator/emulator.ts';
import { findRuntimePython } from '../test/runtime-python.ts';
import { handOver, SMALL, skip } from './row.ts';

const { values } = parseArgs({
  options: { jobs: { type: 'string', default: SMALL ? '200' : '400' }, small: { type: 'boolean' } },
});
const JOBS = Number(values.jobs);
const SHOTS = 1000;
const BIN = join(import.meta.dirname, '../dist/bin/qpoe.js');
const CIRCUIT =
  'OPENQASM 3.0;\ninclude "stdgates.inc";\n\nbit[2] c;\nrz(1.5) $0;\nsx $0;\nrz(1.5) $0;\nx $1;\nc[0] = measure $0;\nc[1] = measure $1;\n';

interface Timed {
  readonly what: string;
  readonly seconds: number;
}

/** One job that really ran, and copies of it: results in the client's own form, and as large as ever. */
async function serve(signal: AbortSignal): Promise<Emulator> {
  const emulator = await startEmulator({ signal, python: { cacheDir: tmpdir(), env: {} } });
  const params = {
    pubs: [
      [CIRCUIT, null, SHOTS],
      [CIRCUIT, null, SHOTS],
    ],
    version: 2,
    support_qiskit: true,
    options: { default_shots: SHOTS },
  };
  const ran = emulator.job(await submit(emulator, params));
  await emulator.idle();
  if (ran.results === undefined) throw new Error(`the job ${ran.status}: ${ran.reason}`);
  for (let at = 1; at < JOBS; at++)
    emulator.seedJob({ params, results: ran.results, created: Date.UTC(2026, 0, 1) + at * 60_000 });
  return emulator;
}

async function submit({ url, apiUrl, apiKey: apikey, crn }: Emulator, params: object): Promise<string> {
  const body = new URLSearchParams({ grant_type: 'urn:ibm:params:oauth:grant-type:apikey', apikey });
  const { access_token: token } = (await (
    await fetch(`${url}/identity/token`, { method: 'POST', body })
  ).json()) as { access_token: string };
  const answer = await fetch(`${apiUrl}/jobs`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'service-crn': crn },
    body: JSON.stringify({ program_id: 'sampler', params }),
  });
  return ((await answer.json()) as { id: string }).id;
}

const execute = promisify(execFile);

async function importAll(
  emulator: Emulator,
  root: string,
  ...wrap: string[]
): Promise<{ seconds: number; stderr: string }> {
  const env = { ...process.env, ...emulator.environment, HOME: root, QPOE_HOME: join(root, 'home') };
  mkdirSync(join(root, 'work'));
  const options = { env, cwd: join(root, 'work') };
  await execute(process.execPath, [BIN, 'init'], options);
  const [program, ...args] = [...wrap, process.execPath, BIN, 'runtime', 'import', '--all'];
  const started = performance.now();
  const { stdout, stderr } = await execute(program!, args, options);
  const seconds = (performance.now() - started) / 1000;
  if (!stdout.startsWith(`${JOBS} jobs: ${JOBS} recorded\n`)) throw new Error(stdout);
  return { seconds, stderr };
}

async function inFolder<T>(above: string, use: (root: string) => Promise<T>): Promise<T> {
  const root = mkdtempSync(join(above, 'qpoe-bench-import-'));
  try {
    return await use(root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

async function peer(emulator: Emulator, program: string, script: string): Promise<number> {
  const env = { ...process.env, ...emulator.environment };
  const { stdout } = await execute(program, [join(import.meta.dirname, script)], { env });
  const { jobs, seconds } = JSON.parse(stdout.trim().split('\n').at(-1)!);
  if (jobs !== JOBS) throw new Error(`${script} saw ${jobs} jobs`);
  return seconds;
}

/** What is waited for: each of them, a job. */
async function syncs(emulator: Emulator): Promise<string> {
  if (spawnSync('strace', ['-V']).status !== 0) return 'not counted: no strace';
  const { stderr } = await inFolder(tmpdir(), (root) =>
    importAll(emulator, root, 'strace', '-f', '-c', '-e', 'trace=fsync,fdatasync'),
  );
  const calls = [...stderr.matchAll(/^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s.*f(?:data)?sync$/gm)];
  return (calls.reduce((sum, [, count]) => sum + Number(count), 0) / JOBS).toFixed(1);
}

const stop = new AbortController();
const emulator = await serve(stop.signal);
const rows: Timed[] = [
  {
    what: 'the same requests, nothing done with them',
    seconds: await peer(emulator, process.execPath, 'import_fetch.ts'),
  },
];
const python = findRuntimePython();
if ('reason' in python) skip('the official client, reading the same jobs', python.reason);
else
  rows.push({
    what: 'the official client: results and metrics',
    seconds: await peer(emulator, python.python, 'import_client.py'),
  });
const memory = '/dev/shm';
if (existsSync(memory))
  rows.push({
    what: 'import --all, into memory',
    seconds: (await inFolder(memory, (root) => importAll(emulator, root))).seconds,
  });
rows.push({
  what: 'import --all, onto the disk',
  seconds: (await inFolder(tmpdir(), (root) => importAll(emulator, root))).seconds,
});
for (const { what, seconds } of rows.slice(1))
  handOver({
    what: `${JOBS} jobs: ${what}`,
    unit: '/s',
    ours: JOBS / seconds,
    peer: { name: 'the same HTTP requests, nothing done with the answers', value: JOBS / rows[0]!.seconds },
    ...(what.startsWith('import') && { limit: { atLeast: what.endsWith('disk') ? 0.1 : 0.2 } }),
  });
console.log(
  `\n| ${JOBS} jobs of 2 PUBs, ${SHOTS} shots each | seconds | jobs a second | ratio |\n| --- | --- | --- | --- |`,
);
for (const { what, seconds } of rows)
  console.log(
    `| ${what} | ${seconds.toFixed(2)} | ${(JOBS / seconds).toFixed(0)} | ${(rows[0]!.seconds / seconds).toFixed(3)} |`,
  );
console.log(`\nfsync a job: ${await syncs(emulator)}`);
stop.abort();
