import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type Circuit, gate, measure } from '../circuit/circuit.ts';
import { toBase64, utf8 } from '../core/bytes.ts';
import { QpoeError } from '../core/error.ts';
import { findSdk } from './registry.ts';
import type { Job, RunLimits, Sdk } from './sdk.ts';

const folder = mkdtempSync(join(tmpdir(), 'qpoe-sdk-'));
afterAll(() => rmSync(folder, { recursive: true }));
let made = 0;

const ENVIRONMENT = {
  packages: { qiskit: '2.6.2' },
  python: { implementation: 'CPython', version: '3.12.1' },
  platform: { system: 'Linux', machine: 'x86_64' },
};
const DESCRIPTION = { protocol: 1, description: { ...ENVIRONMENT, missing: [] } };
const PROBE_SHOTS = 64;

/** A program that takes the place of Python: it reads the request and then does what it is told, in sh. */
function fakePython(
  run: string,
  describe: string = answer(DESCRIPTION),
  path = join(folder, `python${made++}`),
) {
  mkdirSync(dirname(path), { recursive: true });
  const script = `#!/bin/sh\nread -r line\ncase "$line" in\n*'"operation":"describe"'*) ${describe};;\n*) ${run};;\nesac\n`;
  writeFileSync(path, script);
  chmodSync(path, 0o755);
  return path;
}

function answer(document: unknown): string {
  const file = join(folder, `answer${made++}`);
  writeFileSync(file, typeof document === 'string' ? document : JSON.stringify(document));
  return `cat '${file}'`;
}

const probeOf = (...outcomes: readonly string[]) => outcomes.map((outcome) => ({ [outcome]: PROBE_SHOTS }));
const GOOD_PROBE = probeOf('00000001', '00000001', '00000010', '00000011', '00000011', '00000100');

function resultOf(counts: unknown, more: object = {}) {
  return {
    protocol: 1,
    result: {
      backend: 'fake',
      programs: [{ counts }],
      raw: toBase64(utf8('raw')),
      applied: 'as it is',
      settings: {},
      environment: ENVIRONMENT,
      probe: GOOD_PROBE,
      ...more,
    },
  };
}

const circuit: Circuit = { version: 1, qubits: 2, bits: 2, operations: [gate('x', [0]), measure(0, 1)] };
const job: Job = { programs: [{ circuit, shots: 10 }], seed: 3 };
const limits = (more: Partial<RunLimits> = {}): RunLimits => ({
  timeoutMs: 20_000,
  signal: new AbortController().signal,
  ...more,
});

function sdkOn(python: string | undefined, env: NodeJS.ProcessEnv = {}): Sdk {
  return findSdk('qiskit', { python, cacheDir: join(folder, `cache${made++}`), env });
}

async function failure(promise: Promise<unknown>): Promise<QpoeError> {
  const error = await promise.then(
    () => expect.unreachable('it must fail'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(QpoeError);
  expect((error as QpoeError).message).not.toMatch(/[\n\r\x1b]/);
  return error as QpoeError;
}

const failedRun = (run: string, more?: Partial<RunLimits>) =>
  failure(sdkOn(fakePython(run)).run(job, limits(more)));

test('a probe that can’t be judged costs no result, and is not remembered', async () => {
  for (const probe of [undefined, [], [1, 2]]) {
    const outcome = await sdkOn(fakePython(answer(resultOf({ '10': 10 }, { probe })))).run(job, limits());
    expect(outcome.seeding.took_effect).toBeNull();
  }
});

test('a result that is exactly right', async () => {
  const outcome = await sdkOn(fakePython(answer(resultOf({ '10': 6, '01': 4 })))).run(job, limits());
  expect([...outcome.programs[0]!.counts]).toEqual([
    ['01', 4],
    ['10', 6],
  ]);
  expect(outcome.raw).toEqual(new Uint8Array(utf8('raw')));
  expect(outcome.backend).toBe('fake');
  expect(outcome.environment).toMatchObject({ sdk: 'qiskit', packages: { qiskit: '2.6.2' } });
  expect(outcome.seeding).toEqual({ requested: 3, applied: 'as it is', took_effect: true });
  expect(outcome.programs[0]!.source.text).toContain('c[1] = measure q[0];');
});

describe('answers that are none', () => {
  test.each<[string, unknown, RegExp]>([
    ['no JSON', 'hello', /answered garbage: .*not strict JSON/],
    ['nothing', '', /answered garbage: nothing/],
    ['two documents', '{"protocol":1}{"protocol":1}', /answered garbage/],
    ['a name twice', '{"protocol":1,"protocol":1}', /duplicate member/],
    ['another protocol', { protocol: 2, outcome: 'new' }, /speaks protocol 2; this qpoe speaks 1/],
    ['no protocol', { result: {} }, /answered garbage: protocol/],
    ['neither result nor error', { protocol: 1 }, /answered garbage/],
    ['an unknown member', resultOf({ '01': 10 }, { extra: 1 }), /unknown member "extra"/],
    ['outcomes too narrow', resultOf({ '1': 10 }), /the outcome "1" for a circuit of 2 bits/],
    ['outcomes too wide', resultOf({ '010': 10 }), /the outcome "010"/],
    ['outcomes of other letters', resultOf({ '0x': 10 }), /the outcome "0x"/],
    ['counts of too few shots', resultOf({ '01': 9 }), /add up to 9, not to the 10 shots/],
    ['counts of too many shots', resultOf({ '01': 9, '10': 2 }), /add up to 11/],
    ['a negative count', resultOf({ '01': 11, '10': -1 }), /the count -1/],
    ['a broken count', resultOf({ '01': 9.5, '10': 0.5 }), /the count/],
    ['a count of nothing', resultOf({ '01': 10, '10': 0 }), /the count 0/],
    ['counts as a list', resultOf([10]), /counts that are no object/],
    ['too few programs', resultOf({}, { programs: [] }), /0 results for 1 programs/],
    ['a raw result that is not base64', resultOf({ '01': 10 }, { raw: 'ab' }), /not base64/],
  ])('%s', async (_, document, message) => {
    const error = await failedRun(answer(document));
    expect(error.code).toBe('external');
    expect(error.message).toMatch(message);
    expect(error.hint).toBeDefined();
  });

  test('bytes that are not UTF-8', async () => {
    expect((await failedRun(`printf '\\377'`)).message).toContain('not UTF-8');
  });

  test('output without end', async () => {
    const error = await failedRun('exec yes');
    expect(error.message).toMatch(/wrote more than 268435456 bytes/);
    expect(error.code).toBe('external');
  }, 60_000);
});

describe('processes that fail', () => {
  test('a crash, with the last line it said made safe', async () => {
    const error = await failedRun(`printf 'one\\ntwo \\033[32mPASS\\n\\n' >&2; exit 3`);
    expect(error.message).toContain('crashed with exit code 3: two \\u{1b}[32mPASS');
    expect(error.code).toBe('external');
  });

  test('a signal', async () => {
    expect((await failedRun('kill -SEGV $$')).message).toContain('crashed with signal SIGSEGV');
    expect((await failedRun('kill -KILL $$')).hint).toContain('memory');
  });

  test('an answer does not excuse a crash', async () => {
    expect((await failedRun(`${answer(resultOf({ '01': 10 }))}; exit 1`)).message).toContain('exit code 1');
  });

  test('a hang ends at the time limit, with what it started', async () => {
    const pids = join(folder, 'hung');
    const error = await failedRun(`sleep 300 & echo $! > '${pids}'; wait`, { timeoutMs: 300 });
    expect(error.message).toContain('no answer within its time limit of 0.3 s');
    expect(error.code).toBe('external');
    await expectGone(Number(readFileSync(pids, 'utf8')));
  });

  test('what it left behind does not keep us waiting', async () => {
    const run = `sleep 300 & ${answer(resultOf({ '01': 10 }))}`;
    await expect(sdkOn(fakePython(run)).run(job, limits())).resolves.toBeDefined();
  });

  test('an abort', async () => {
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 200);
    expect((await failedRun('sleep 300', { signal: abort.signal })).code).toBe('interrupted');
    expect((await failedRun('sleep 300', { signal: AbortSignal.abort() })).code).toBe('interrupted');
  });

  test.each([
    ['too-large', 'refused'],
    ['sdk', 'external'],
    ['missing', 'external'],
    ['anything else', 'external'],
  ])('an error of kind %s is %s', async (kind, code) => {
    const error = await failedRun(answer({ protocol: 1, error: { kind, message: 'no\nway' } }));
    expect(error.code).toBe(code);
    expect(error.message).toContain('no\\u{a}way');
  });
});

describe('which Python', () => {
  const good = answer(resultOf({ '01': 10 }));
  const lacking = answer({ protocol: 1, description: { ...ENVIRONMENT, missing: ['qiskit-aer'] } });
  const backendOf = async (sdk: Sdk) => (await sdk.run(job, limits())).backend;

  test('a named one that is missing, lacks the SDK or is no program is an error, whatever else there is', async () => {
    const VIRTUAL_ENV = join(folder, 'venv-good');
    fakePython(good, undefined, join(VIRTUAL_ENV, 'bin', 'python'));
    const named = (python: string) => failure(sdkOn(python, { VIRTUAL_ENV }).run(job, limits()));
    expect((await named('/nowhere/python')).message).toContain('no such program');
    expect((await named(fakePython(good, lacking))).message).toContain('no qiskit-aer');
    expect((await named(folder)).message).toContain('not executable');
    expect(await backendOf(sdkOn(undefined, { VIRTUAL_ENV }))).toBe('fake');
  });

  test('the active environments come first, each only if it has the SDK', async () => {
    const VIRTUAL_ENV = join(folder, 'venv-lacking');
    const CONDA_PREFIX = join(folder, 'conda');
    fakePython(good, lacking, join(VIRTUAL_ENV, 'bin', 'python'));
    fakePython(
      answer(resultOf({ '01': 10 }, { backend: 'conda' })),
      undefined,
      join(CONDA_PREFIX, 'bin', 'python'),
    );
    const sdk = sdkOn(undefined, { VIRTUAL_ENV, CONDA_PREFIX });
    expect(await backendOf(sdk)).toBe('conda');
    expect(await sdk.status()).toEqual({
      usable: true,
      version: '2.6.2',
      where: `the active conda environment (${join(CONDA_PREFIX, 'bin', 'python')})`,
    });
  });

  test('none: one line that says where was looked, and the next step', async () => {
    const VIRTUAL_ENV = join(folder, 'venv-broken');
    fakePython(good, 'echo oops >&2; exit 1', join(VIRTUAL_ENV, 'bin', 'python'));
    const path = process.env.PATH;
    process.env.PATH = join(folder, 'nothing');
    try {
      const sdk = sdkOn(undefined, { VIRTUAL_ENV, PATH: '' });
      expect(await sdk.status()).toMatchObject({ usable: false, hint: 'run `qpoe sdk install qiskit`' });
      const error = await failure(sdk.run(job, limits()));
      expect(error.message).toMatch(
        /^no Python with Qiskit found .*virtual environment.*python3 on PATH.*no such program/,
      );
      expect(error.hint).toBe('run `qpoe sdk install qiskit`');
    } finally {
      process.env.PATH = path;
    }
  });
});

describe('seeding', () => {
  const withProbe = (probe: unknown) => fakePython(answer(resultOf({ '01': 10 }, { probe })));
  const [one, two, three, four] = ['00000001', '00000010', '00000011', '00000100'] as const;

  test.each([
    ['ignored', probeOf(one, two, three, four, one, two)],
    ['constant', probeOf(one, one, one, one, one, one)],
    ['cut to 32 bits', probeOf(one, one, two, one, one, two)],
    ['ignored above 32 bits', probeOf(one, one, two, three, four, one)],
  ])('a seed that is %s did not take effect', async (_, probe) => {
    expect((await sdkOn(withProbe(probe)).run(job, limits())).seeding.took_effect).toBe(false);
  });

  test('is probed once, and again where the cache is corrupt', async () => {
    const cacheDir = join(folder, 'seeding-cache');
    const requests = join(folder, 'requests');
    const run = `printf '%s\\n' "$line" >> '${requests}'; ${answer(resultOf({ '01': 10 }))}`;
    const sdk = findSdk('qiskit', { python: fakePython(run), cacheDir, env: {} });
    const probed = () =>
      readFileSync(requests, 'utf8')
        .split('\n')
        .slice(0, -1)
        .map((line) => 'probe' in JSON.parse(line));
    await sdk.run(job, limits());
    await sdk.run(job, limits());
    expect(probed()).toEqual([true, false]);
    const [file] = readdirSync(join(cacheDir, 'seeding'));
    for (const text of ['{', '{"took_effect":"yes"}', 'null']) {
      writeFileSync(join(cacheDir, 'seeding', file!), text);
      expect((await sdk.run(job, limits())).seeding.took_effect).toBe(true);
    }
    expect(probed()).toEqual([true, false, true, true, true]);
  });

  test('a cache that cannot be written fails nothing', async () => {
    const cacheDir = join(folder, 'a file');
    writeFileSync(cacheDir, '');
    const sdk = findSdk('qiskit', { python: withProbe(GOOD_PROBE), cacheDir, env: {} });
    expect((await sdk.run(job, limits())).seeding.took_effect).toBe(true);
  });
});

test('jobs that no SDK is asked', async () => {
  const sdk = sdkOn('/nowhere');
  const refuse = (programs: Job['programs'], seed = 1) => failure(sdk.run({ programs, seed }, limits()));
  expect((await refuse([])).code).toBe('usage');
  expect((await refuse([{ circuit, shots: 0 }])).code).toBe('usage');
  expect((await refuse([{ circuit, shots: 1 }], -1)).code).toBe('usage');
  const blind: Circuit = { ...circuit, operations: [gate('x', [0])] };
  expect((await refuse([{ circuit: blind, shots: 1 }])).message).toContain('measures nothing');
});

test('Cirq is not asked for more memory than there is', async () => {
  const wide: Circuit = { version: 1, qubits: 45, bits: 1, operations: [measure(0, 0)] };
  const cirq = findSdk('cirq', { python: '/nowhere', cacheDir: folder, env: {} });
  const error = await failure(cirq.run({ programs: [{ circuit: wide, shots: 1 }], seed: 1 }, limits()));
  expect(error.code).toBe('refused');
  expect(error.message).toMatch(/^45 qubits need 524000 GiB/);
});

test('a name that is no SDK', () => {
  expect(() => findSdk('constructor', { cacheDir: folder })).toThrow(/no SDK named "constructor"/);
});

async function expectGone(pid: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    if (isZombie(pid)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect.unreachable(`process ${pid} is still there`);
}

/** Dead, but whoever should collect it (a container's first process) does not. */
function isZombie(pid: number): boolean {
  try {
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
