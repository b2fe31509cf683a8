/** The main job as transcripts: command, stdout, stderr, exit code, files left behind. */

import { chmodSync, copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newPlace } from './cli.ts';

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}';

describe('run, then verify', () => {
  it('makes the identity, a record and its objects, and passes', () => {
    const place = newPlace();
    const run = place.qpoe(
      'run',
      '--n-qubits',
      '4',
      '--depth',
      '10',
      '--seed',
      '123',
      '--shots',
      '2000',
      '--out',
      'q.json',
    );
    expect(run.code).toBe(0);
    expect(run.stdout).toMatch(
      /^clifford_t_sampling on simulator \(statevector\): 4 qubits, 2000 shots, \d+ ms\n/,
    );
    expect(run.stdout).toMatch(
      new RegExp(`\nrecord  ${UUID}\nhash    sha256:[0-9a-f]{64}\ncircuit sha256:f88190b8`),
    );
    expect(run.stderr).toContain(`made your signing identity in ${place.home}/identity`);

    const record = JSON.parse(readFileSync(place.path('q.json'), 'utf8'));
    const id = record.record.record_id;
    const digests = [record.workload.programs[0].circuit, record.execution.result_digest].map(
      (digest: string) => `.qpoe/objects/sha256/${digest.slice(7, 9)}/${digest.slice(9)}`,
    );
    expect(place.files().filter((file) => !file.startsWith('.qpoe/log'))).toEqual(
      [
        '.qpoe/.gitignore',
        '.qpoe/index.sqlite',
        `.qpoe/records/${id}.json`,
        ...['ml-dsa-65', 'p256'].map((name) =>
          expect.stringMatching(`^.qpoe/statements/${id}/${name}-[0-9a-f]{16}.sigstore.json$`),
        ),
        'q.json',
        ...digests,
      ].sort((a, b) => (String(a) < String(b) ? -1 : 1)),
    );

    const own = place.qpoe('verify', 'q.json');
    expect(own.stdout).toMatch(
      new RegExp(`^PASS: signed by "me" in ${place.home}/trust.toml\nq.json  ${UUID}\n`),
    );
    expect(own.stdout).toContain('Not proven:\n  · that quantum hardware ran it');
    expect([own.code, own.stderr]).toEqual([0, '']);
  });

  it('is inconclusive for a stranger, and intact if only that is asked', () => {
    const place = newPlace();
    place.qpoe('run', '--out', 'q.json');
    const stranger = place.qpoe('verify', '--home', join(place.home, 'other'), 'q.json');
    expect(stranger.code).toBe(3);
    expect(stranger.stdout).toMatch(/^INTACT, SIGNER UNKNOWN TO YOU\n/);
    const integrity = place.qpoe('verify', '--integrity-only', '--home', join(place.home, 'other'), 'q.json');
    expect(integrity.code).toBe(0);
    expect(integrity.stdout).toMatch(/^INTACT: every hash and signature present holds, signer not judged\n/);
    expect(place.files().filter((file) => file.includes('other'))).toEqual([]);
  });

  it('fails once a count changed, and says what still holds', () => {
    const place = newPlace();
    place.qpoe('run', '--out', 'q.json');
    const text = readFileSync(place.path('q.json'), 'utf8');
    writeFileSync(
      place.path('t.json'),
      text.replace(/"011": (\d+)/, (_, count) => `"011": ${Number(count) + 1}`),
    );
    const verify = place.qpoe('verify', 't.json');
    expect(verify.code).toBe(1);
    expect(verify.stdout).toMatch(/^FAIL: record.hash, record.counts\n/);
    expect(verify.stdout).toContain(
      'What still holds:\n  Record      The file is an execution record, and nothing else.\n',
    );
  });

  it('by the fingerprint that init prints', () => {
    const place = newPlace();
    const init = place.qpoe('init', '--name', 'Ada "λ" Lab');
    const key = /record key {3}(sha256:[0-9a-f]{64})/.exec(init.stdout)![1]!;
    place.qpoe('run', '--out', 'q.json');
    const elsewhere = ['--home', join(place.home, 'other')];
    expect(place.qpoe('verify', 'q.json').stdout).toMatch(/^PASS: signed by "Ada "λ" Lab" in /);
    expect(place.qpoe('verify', '--signer', key, ...elsewhere, 'q.json').code).toBe(0);
    expect(place.qpoe('verify', '--signer', key.slice(7).toUpperCase(), ...elsewhere, 'q.json').code).toBe(0);
    expect(place.qpoe('verify', '--signer', `sha256:${'0'.repeat(64)}`, ...elsewhere, 'q.json').code).toBe(3);
    expect(place.qpoe('verify', '--signer', 'me', 'q.json')).toMatchObject({
      code: 2,
      stderr: 'qpoe: --signer me is not a fingerprint; give 64 hex digits\n',
    });
  });

  it('toy-param-circuit too, with its angle', () => {
    const place = newPlace();
    expect(
      place.qpoe(
        'run',
        '--workload',
        'toy-param-circuit',
        '--theta',
        '0.5',
        '--param',
        'depth=4',
        '--out',
        'q.json',
      ).code,
    ).toBe(0);
    expect(JSON.parse(readFileSync(place.path('q.json'), 'utf8')).workload.parameters).toEqual({
      n_qubits: 3,
      depth: 4,
      theta: 0.5,
    });
    expect(place.qpoe('verify', 'q.json').code).toBe(0);
  });

  it('the same seed gives the same counts', () => {
    const place = newPlace();
    const counts = () =>
      JSON.parse(place.qpoe('run', '--json', '--seed', '5').stdout).record.execution.result_summary;
    expect(counts()).toEqual(counts());
  });

  it('results past 4,096 outcomes stand by digest, and pass', () => {
    const place = newPlace();
    place.qpoe('run', '--n-qubits', '16', '--depth', '9', '--shots', '20000', '--out', 'q.json');
    const { result_summary: results } = JSON.parse(readFileSync(place.path('q.json'), 'utf8')).execution;
    expect(results).toEqual([
      { kind: 'counts', bits: 16, outcomes: expect.any(Number), digest: expect.stringMatching(/^sha256:/) },
    ]);
    expect(results[0].outcomes).toBeGreaterThan(4096);
    const verify = place.qpoe('verify', 'q.json');
    expect(verify.code).toBe(0);
    expect(verify.stdout).toContain('? unknown record.counts');
  });

  it('--json gives one object, versioned', () => {
    const place = newPlace();
    const run = JSON.parse(place.qpoe('run', '--json', '-q').stdout);
    expect(run.type).toBe('https://quantum-proof-of-execution.dev/answer/run/v1');
    const verify = JSON.parse(place.qpoe('verify', '--json', run.path).stdout);
    expect(verify).toMatchObject({
      type: 'https://quantum-proof-of-execution.dev/answer/verify/v1',
      exit: 0,
    });
    expect(verify.files[0].verdict.checks[0]).toMatchObject({ id: 'record.format', status: 'pass' });
    const error = place.qpoe('verify', '--json', '--signer', 'x', run.path);
    expect(JSON.parse(error.stdout)).toMatchObject({
      type: expect.stringMatching(/answer\/error\/v1$/),
      code: 'usage',
    });
  });
});

describe('keys', () => {
  it('with a passphrase from a file or the environment', () => {
    const place = newPlace();
    writeFileSync(place.path('pass'), 'correct horse\n', { mode: 0o644 });
    expect(place.qpoe('init', '--passphrase-file', 'pass')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('others can read pass'),
    });
    chmodSync(place.path('pass'), 0o600);
    expect(place.qpoe('init', '--passphrase-file', 'pass').code).toBe(0);
    expect(readFileSync(join(place.home, 'identity/ed25519.pem'), 'utf8')).toContain('ENCRYPTED');
    expect(place.qpoe('run')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /^qpoe: .*ed25519.pem needs its passphrase; name a file.*QPOE_PASSPHRASE/,
      ),
    });
    Object.assign(place.environment, { QPOE_PASSPHRASE_FILE: 'pass' });
    expect(place.qpoe('run', '--out', 'q.json').code).toBe(0);
    Object.assign(place.environment, { QPOE_PASSPHRASE_FILE: undefined, QPOE_PASSPHRASE: 'wrong' });
    expect(place.qpoe('run')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('the passphrase is wrong'),
    });
    expect(place.qpoe('verify', 'q.json').code).toBe(0);
  });

  it('of the original toolkit: the base64 of 32 raw bytes', () => {
    const place = newPlace();
    writeFileSync(place.path('key'), Buffer.alloc(32, 7).toString('base64') + '\n', { mode: 0o600 });
    expect(place.qpoe('run', '--key', 'key', '--out', 'q.json').code).toBe(0);
    expect(JSON.parse(readFileSync(place.path('q.json'), 'utf8')).record.public_key).toBe(
      '6kpsY+KcUgq+9VB7Ey7F+ZVHdq6+vnuSQh7qaRRG0iw=',
    );
    expect(place.qpoe('verify', 'q.json').code).toBe(3);
  });

  it('that others can read are refused', () => {
    const place = newPlace();
    writeFileSync(place.path('key'), Buffer.alloc(32, 7).toString('base64'), { mode: 0o644 });
    expect(place.qpoe('run', '--key', 'key')).toMatchObject({
      code: 2,
      stderr: 'qpoe: others can read key; chmod go-rwx key\n',
    });
    place.qpoe('init');
    chmodSync(join(place.home, 'identity/ed25519.pem'), 0o640);
    expect(place.qpoe('run')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^qpoe: others can read .*ed25519.pem; chmod/),
    });
    expect(place.files().filter((file) => file.startsWith('.qpoe'))).toEqual([]);
  });

  it.each([
    ['garbage', 'not a key'],
    ['31 bytes', Buffer.alloc(31).toString('base64')],
    ['an empty file', ''],
    [
      'a public key',
      '-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA6kpsY+KcUgq+9VB7Ey7F+ZVHdq6+vnuSQh7qaRRG0iw=\n-----END PUBLIC KEY-----\n',
    ],
  ])('that are %s are refused', (_, text) => {
    const place = newPlace();
    writeFileSync(place.path('key'), text, { mode: 0o600 });
    expect(place.qpoe('run', '--key', 'key')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^qpoe: key: neither a PKCS#8 PEM nor the base64/),
    });
  });

  it('none: an unsigned record', () => {
    const place = newPlace();
    expect(place.qpoe('run', '--unsigned', '--out', 'q.json')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('(unsigned)'),
    });
    expect(place.qpoe('verify', 'q.json').code).toBe(3);
    expect(place.qpoe('verify', '--integrity-only', 'q.json').code).toBe(0);
  });
});

describe('trust comes from the person alone', () => {
  it('a policy, config or store planted beside the evidence changes nothing', () => {
    const attacker = newPlace();
    attacker.qpoe('run', '--out', 'q.json');
    const victim = newPlace();
    victim.qpoe('init');
    copyFileSync(attacker.path('q.json'), victim.path('q.json'));
    const before = victim.qpoe('verify', 'q.json');
    for (const planted of [
      'trust.toml',
      'config.toml',
      '.qpoe/trust.toml',
      '.qpoe/config.toml',
      '.config/qpoe/trust.toml',
      'qpoe/trust.toml',
    ]) {
      mkdirSync(join(victim.folder, planted, '..'), { recursive: true });
      copyFileSync(join(attacker.home, 'trust.toml'), victim.path(planted));
    }
    const after = victim.qpoe('verify', 'q.json');
    expect(after).toEqual(before);
    expect(after.code).toBe(3);
  });

  it('a policy that others can write is refused', () => {
    const place = newPlace();
    place.qpoe('run', '--out', 'q.json');
    chmodSync(join(place.home, 'trust.toml'), 0o666);
    expect(place.qpoe('verify', 'q.json')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^qpoe: others can write .*trust.toml; chmod go-w/),
    });
    chmodSync(join(place.home, 'trust.toml'), 0o600);
    chmodSync(place.home, 0o777);
    expect(place.qpoe('verify', 'q.json').code).toBe(2);
  });

  it('a policy that is a link is refused', () => {
    const place = newPlace();
    place.qpoe('run', '--out', 'q.json');
    const other = newPlace();
    mkdirSync(other.home, { mode: 0o700 });
    symlinkSync(join(place.home, 'trust.toml'), join(other.home, 'trust.toml'));
    expect(other.qpoe('verify', place.path('q.json'))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('is a link'),
    });
  });

  it('a relative HOME or XDG_CONFIG_HOME is not where trust comes from', () => {
    const attacker = newPlace();
    attacker.qpoe('run', '--out', 'q.json');
    const victim = newPlace();
    copyFileSync(attacker.path('q.json'), victim.path('q.json'));
    for (const planted of ['.config/qpoe', 'cfg/qpoe']) {
      mkdirSync(victim.path(planted), { recursive: true, mode: 0o700 });
      copyFileSync(join(attacker.home, 'trust.toml'), victim.path(planted, 'trust.toml'));
    }
    Object.assign(victim.environment, { QPOE_HOME: '', HOME: '.', XDG_CONFIG_HOME: 'cfg' });
    expect(victim.qpoe('verify', 'q.json')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no home folder is known'),
    });
    victim.environment.XDG_CONFIG_HOME = victim.path('none');
    victim.environment.HOME = '';
    expect(victim.qpoe('verify', 'q.json').code).toBe(3);
    expect(victim.files().filter((file) => file.includes('cache'))).toEqual([]);
  });

  it('a named policy that others could have written is refused, through a link too', () => {
    const place = newPlace();
    place.qpoe('run', '--out', 'q.json');
    copyFileSync(join(place.home, 'trust.toml'), place.path('p.toml'));
    symlinkSync('p.toml', place.path('link.toml'));
    expect(place.qpoe('verify', '--policy', 'link.toml', 'q.json').code).toBe(0);
    for (const mode of [0o660, 0o606]) {
      chmodSync(place.path('p.toml'), mode);
      for (const policy of ['p.toml', 'link.toml'])
        expect(place.qpoe('verify', '--policy', policy, 'q.json')).toMatchObject({
          code: 2,
          stderr: expect.stringContaining('others can write'),
        });
    }
  });

  it('a name that a policy can’t hold makes no identity', () => {
    for (const name of ['', '\u007f', 'a\nb']) {
      const place = newPlace();
      expect(place.qpoe('init', '--name', name)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining("can't be a signer's name"),
      });
      expect(place.qpoe('doctor').stdout).toContain('none yet');
    }
  });

  it('--policy names another; unknown keys in it are refused', () => {
    const place = newPlace();
    place.qpoe('run', '--out', 'q.json');
    const policy = readFileSync(join(place.home, 'trust.toml'), 'utf8');
    const elsewhere = ['--home', join(place.home, 'none')];
    writeFileSync(place.path('p.toml'), policy);
    expect(place.qpoe('verify', '--policy', 'p.toml', ...elsewhere, 'q.json').stdout).toMatch(
      /^PASS: signed by "me" in p.toml/,
    );
    writeFileSync(place.path('p.toml'), policy.replace('name =', 'trusted = true\nname ='));
    expect(place.qpoe('verify', '--policy', 'p.toml', 'q.json')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /^qpoe: p.toml: signer.0: unknown member "trusted": it takes name, .*; correct the policy/,
      ),
    });
    expect(place.qpoe('verify', '--policy', 'missing.toml', 'q.json')).toMatchObject({
      code: 2,
      stderr:
        "qpoe: can't read missing.toml: no such file or folder; name a policy that you can read, or none for your own trust.toml\n",
    });
    expect(place.qpoe('verify', '--policy', 'p.toml', '--integrity-only', 'q.json').code).toBe(2);
  });
});

describe('many files', () => {
  it('in a folder: each judged, the worst exit code, unrecognised ones listed', () => {
    const place = newPlace();
    mkdirSync(place.path('f/sub'), { recursive: true });
    for (const name of ['a', 'b', 'sub/c']) place.qpoe('run', '--out', `f/${name}.json`);
    expect(place.qpoe('verify', 'f')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/\n3 files: 3 pass\n$/),
    });
    writeFileSync(place.path('f/readme.txt'), 'hello');
    const listed = place.qpoe('verify', 'f');
    expect(listed.code).toBe(3);
    expect(listed.stdout).toContain('UNRECOGNISED  f/readme.txt\n');
    expect(place.qpoe('verify', 'f/readme.txt').code).toBe(1);
    writeFileSync(
      place.path('f/a.json'),
      readFileSync(place.path('f/a.json'), 'utf8').replace('"shots": 1024', '"shots": 1025'),
    );
    const failed = place.qpoe('verify', 'f');
    expect(failed.code).toBe(1);
    expect(failed.stdout).toMatch(
      /FAIL: record.hash, record.counts {2}f\/a.json\n {4}record.hash: the record says/,
    );
  });

  it('on all cores give what one gives, in order', () => {
    const place = newPlace();
    place.qpoe('run', '--out', 'q.json');
    mkdirSync(place.path('many'));
    const text = readFileSync(place.path('q.json'), 'utf8');
    for (let i = 0; i < 200; i++)
      writeFileSync(
        place.path('many', `${String(i).padStart(3, '0')}.json`),
        i % 50 === 7 ? text.replace('1024', '1025') : text,
      );
    const { code, stdout } = place.qpoe('verify', 'many');
    expect(code).toBe(1);
    const files = stdout
      .split('\n')
      .filter((line) => /^(PASS|FAIL)/.test(line))
      .map((line) => `${line.slice(0, 4)} ${line.slice(-8)}`);
    expect(files).toEqual(
      Array.from(
        { length: 200 },
        (_, i) => `${i % 50 === 7 ? 'FAIL' : 'PASS'} ${String(i).padStart(3, '0')}.json`,
      ),
    );
    expect(stdout).toMatch(/\n200 files: 196 pass, 4 fail\n$/);
    expect(JSON.parse(place.qpoe('verify', '--json', 'many').stdout).files).toHaveLength(200);
  });

  it('stdin', () => {
    const place = newPlace();
    expect(place.qpoe('verify', '-')).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('the file is empty'),
    });
  });

  it('an empty folder has nothing to verify', () => {
    const place = newPlace();
    mkdirSync(place.path('empty'));
    expect(place.qpoe('verify', 'empty')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('nothing to verify'),
    });
  });
});

describe('record', () => {
  const counts = JSON.stringify({ '00': 510, '11': 514, '01': 0 });
  const circuit = JSON.stringify({ version: 1, qubits: 2, bits: 2, operations: [{ op: 'h', qubits: [0] }] });

  it('takes counts and a gate list, class supplied', () => {
    const place = newPlace();
    writeFileSync(place.path('c.json'), counts);
    writeFileSync(place.path('g.json'), circuit);
    expect(
      place.qpoe(
        'record',
        '--counts',
        'c.json',
        '--circuit',
        'g.json',
        '--sdk',
        'braket',
        '--label',
        'bell',
        '--out',
        'r.json',
      ).code,
    ).toBe(0);
    const { workload, execution } = JSON.parse(readFileSync(place.path('r.json'), 'utf8'));
    expect(execution.class).toBe('supplied');
    expect(execution.result_summary).toEqual([{ kind: 'counts', bits: 2, counts: { '00': 510, '11': 514 } }]);
    expect(workload.programs[0].circuit).toBe(workload.programs[0].source.digest);
    expect(place.qpoe('verify', 'r.json').code).toBe(0);
  });

  it('only hashes any other text, and turns bits round where asked', () => {
    const place = newPlace();
    writeFileSync(place.path('c.json'), '{"100": 3}');
    writeFileSync(place.path('c.qasm'), '// mine\nOPENQASM 2.0;\nqreg q[3];\n');
    expect(
      place.qpoe('record', '--counts', 'c.json', '--circuit', 'c.qasm', '--reverse-bits', '--out', 'r.json')
        .code,
    ).toBe(0);
    const { workload, execution } = JSON.parse(readFileSync(place.path('r.json'), 'utf8'));
    expect(workload.programs[0]).toEqual({
      source: { format: 'openqasm2', digest: expect.any(String) },
      values: {},
      shots: 3,
    });
    expect(execution.result_summary[0].counts).toEqual({ '001': 3 });
  });

  it.each<[string, string, RegExp]>([
    ['[1]', circuit, /not an object of outcome/],
    ['{"0x3": 1}', circuit, /"0x3" is not an outcome/],
    ['{"00": 1.5}', circuit, /the count of 00 is not a whole number/],
    ['{"00": -1}', circuit, /not a whole number/],
    ['{"00": 1, "000": 1}', circuit, /outcomes of 2 and of 3 bits/],
    ['{}', circuit, /add up to 0/],
    ['{"00": 1, "00": 2}', circuit, /duplicate member/],
    ['{"00": NaN}', circuit, /line 1, column 8/],
    ['{"000": 1}', circuit, /writes 2 bits, the counts have 3/],
    ['{"00": 1}', circuit.replace('"h"', '"hh"'), /no gate "hh"/],
    ['{"00": 1}', '', /is empty/],
  ])('refuses counts %s', (given, list, reason) => {
    const place = newPlace();
    writeFileSync(place.path('c.json'), given);
    writeFileSync(place.path('g.json'), list);
    const { code, stderr } = place.qpoe('record', '--counts', 'c.json', '--circuit', 'g.json');
    expect([code, stderr.trimEnd().split('\n')]).toEqual([2, [expect.stringMatching(reason)]]);
    expect(place.files()).toEqual(['c.json', 'g.json']);
  });
});

describe('list, show, hash, inspect', () => {
  it('show what is there', () => {
    const place = newPlace();
    expect(place.qpoe('list')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^qpoe: no store at .qpoe; make the first record/),
    });
    place.qpoe('run', '--label', 'one');
    const second = JSON.parse(place.qpoe('run', '--json', '--label', 'two\u001b[32m').stdout);
    const listed = place.qpoe('list');
    const lines = listed.stdout.trimEnd().split('\n');
    expect(lines).toEqual([expect.stringContaining('"two\\u{1b}[32m"'), expect.stringContaining('"one"')]);
    expect(place.qpoe('show', 'last').stdout).toContain(second.record_id);
    expect(place.qpoe('show', second.record_id.slice(0, 30)).code).toBe(0);
    expect(place.qpoe('show', '0')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('begins 2 record ids'),
    });
    expect(place.qpoe('show', 'ffff')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no record "ffff"'),
    });
    expect(
      JSON.parse(place.qpoe('list', '--json').stdout).records.map((row: { label: string }) => row.label),
    ).toEqual(['two\u001b[32m', 'one']);
  });

  it('hash computes again, and --core writes the bytes that it covers', async () => {
    const place = newPlace();
    place.qpoe('run', '--out', 'q.json');
    const { hash } = JSON.parse(readFileSync(place.path('q.json'), 'utf8')).record;
    expect(place.qpoe('hash', 'q.json')).toMatchObject({ code: 0, stdout: `${hash}\n` });
    const core = place.qpoe('hash', '--core', 'q.json').stdout;
    const { createHash } = await import('node:crypto');
    expect(`sha256:${createHash('sha256').update(core).digest('hex')}`).toBe(hash);
    writeFileSync(
      place.path('t.json'),
      readFileSync(place.path('q.json'), 'utf8').replace('"sdk": "simulator"', '"sdk": "qiskit"'),
    );
    expect(place.qpoe('hash', 't.json')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('the record says'),
    });
  });

  it('inspect never says that anything was verified', () => {
    const place = newPlace();
    place.qpoe('run', '--out', 'q.json');
    writeFileSync(place.path('x.txt'), 'PASS\u001b[2K\rverified');
    for (const file of ['q.json', 'x.txt']) {
      const { code, stdout, stderr } = place.qpoe('inspect', file);
      expect(code).toBe(0);
      expect(stderr).toMatch(/`qpoe verify` judges it/);
      expect(stdout).not.toMatch(/\u001b|✓|^PASS/m);
    }
  });
});
