/** Whatever is wrong costs one clear line and the documented exit code, and leaves nothing behind. */

import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { BIN, newPlace } from './cli.ts';

describe('run refuses', () => {
  it.each<[string, string[], RegExp]>([
    [
      'an unknown workload',
      ['--workload', 'grover'],
      /no workload "grover"; --workload takes clifford_t_sampling or toy-param-circuit/,
    ],
    ['no qubits', ['--n-qubits', '0'], /n_qubits must be a whole number of at least 1/],
    ['fewer than none', ['--n-qubits', '-2'], /n_qubits must be a whole number of at least 1/],
    ['a billion qubits', ['--n-qubits', '1000000000'], /over the limit of 1000000/],
    ['a billion qubits in another form', ['--n-qubits', '1e9'], /n_qubits must be a whole number/],
    ['half a qubit', ['--n-qubits', '2.5'], /n_qubits must be a whole number/],
    ['a word for a number', ['--depth', 'deep'], /depth must be a whole number/],
    ['more than the memory', ['--n-qubits', '25', '--depth', '1'], /25 qubits/],
    ['no shots', ['--shots', '0'], /--shots must be a whole number from 1 to 10000000/],
    ['too many shots', ['--shots', '1000000000'], /--shots must be/],
    ['a seed beyond 2^53', ['--seed', '9007199254740993'], /seed must be a whole number from 0 to 2\^53−1/],
    ['a seed below 0', ['--seed', '-1'], /seed must be/],
    ['an angle for a workload without one', ['--theta', '1'], /clifford_t_sampling takes no --theta/],
    [
      'an angle that is none',
      ['--workload', 'toy-param-circuit', '--theta', 'NaN'],
      /--theta must be a number, not "NaN"/,
    ],
    [
      'an infinite angle',
      ['--workload', 'toy-param-circuit', '--theta', '1e999'],
      /--theta must be a number/,
    ],
    ['a parameter without a value', ['--param', 'depth'], /--param depth is not name=value/],
    [
      'an unknown parameter',
      ['--param', 'width=3'],
      /clifford_t_sampling takes no --param width; its parameters: n_qubits, depth, seed/,
    ],
    ['a parameter given twice', ['--depth', '4', '--param', 'depth=3'], /depth is given twice/],
    ['the seed as a parameter', ['--param', 'seed=5'], /give it as --seed/],
    ['a parameter named for the prototype', ['--param', '__proto__=1'], /takes no --param __proto__/],
    ['an --out without a name', ['--out', ''], /--out names no file/],
    ['a home without a name', ['--home', ''], /--home names no folder/],
    ['an unknown SDK', ['--sdk', 'qsim'], /no SDK named "qsim"/],
    ['a key that isn’t there', ['--key', 'nowhere.pem'], /can't read nowhere.pem: no such file/],
    [
      'an --out in no folder',
      ['--out', 'no/where/q.json'],
      /can't write no\/where\/q.json: no such folder; make no\/where first/,
    ],
    ['an --out that is a folder', ['--out', '.'], /can't write .: is a folder/],
  ])('%s', (_, args, reason) => {
    const place = newPlace();
    place.qpoe('init');
    const { code, stdout, stderr } = place.qpoe('run', ...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr.trimEnd().split('\n')).toEqual([expect.stringMatching(reason)]);
    expect(place.files().filter((file) => file.includes('records') || file.endsWith('q.json'))).toEqual([]);
  });

  it('an unknown flag, naming it', () => {
    const { code, stderr } = newPlace().qpoe('run', '--shotz', '5');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^qpoe: unknown option '--shotz' \(Did you mean --shots\?\); `qpoe --help`.*\n$/);
  });

  it('an unknown command, and no command', () => {
    expect(newPlace().qpoe('prove').code).toBe(2);
    expect(newPlace().qpoe().code).toBe(2);
    expect(newPlace().qpoe('--help').code).toBe(0);
    expect(newPlace().qpoe('--version')).toMatchObject({ code: 0, stdout: '0.1.0\n' });
  });
});

describe('verify', () => {
  const key = 'A'.repeat(43);
  const texts: [string, string | Buffer, RegExp][] = [
    ['an empty file', '', /the file is empty/],
    ['not UTF-8', Buffer.from([0xff, 0xfe, 0x7b]), /not UTF-8/],
    ['not JSON', 'hello', /not strict JSON: unexpected "h" \(line 1, column 1\)/],
    ['nested 10,000 deep', '['.repeat(10_000), /nested deeper than 64/],
    [
      'a duplicate key',
      '{"schema_version":"1.0","schema_version":"1.0"}',
      /duplicate member "schema_version" \(line 1, column 25\)/,
    ],
    ['a lone surrogate', '{"schema_version":"\\ud800"}', /a lone surrogate/],
    ['NaN', '{"schema_version":NaN}', /unexpected "N"/],
    ['an integer too large', '{"schema_version":9007199254740992}', /an integer beyond/],
    ['another JSON document', '{"a":1}', /neither a record nor a statement nor a receipt/],
  ];
  it.each(texts)('fails a named file that is %s', (_, text, reason) => {
    const place = newPlace();
    writeFileSync(place.path('f.json'), text);
    const { code, stdout, stderr } = place.qpoe('verify', 'f.json');
    expect([code, stderr]).toEqual([1, '']);
    expect(stdout).toMatch(reason);
  });

  it.each<[string, (text: string) => string, RegExp]>([
    [
      'a signature too short',
      (text) => text.replace(/("signature": ").{8}/, '$1'),
      /record.signature: not of the form/,
    ],
    [
      'a signature in URL alphabet',
      (text) => text.replace(/("signature": ").{4}/, '$1-_-_'),
      /record.signature: not of the form/,
    ],
    [
      'a signature with spare bits',
      (text) => text.replace(/.==",?\n/, (end) => `B${end.slice(1)}`),
      /signature is not canonical base64|record.hash/,
    ],
    ['a key of zeros', (text) => text.replace(/("public_key": ").{43}/, `$1${key}`), /record.hash/],
    [
      'a hash in capitals',
      (text) => text.replace(/("hash": "sha256:)(.{64})/, (_, start, hex) => start + hex.toUpperCase()),
      /record.hash: not of the form/,
    ],
    [
      'a hash too long',
      (text) => text.replace(/("hash": "sha256:.{64})/, '$10'),
      /record.hash: not of the form/,
    ],
    ['another algorithm', (text) => text.replace('"ed25519"', '"rsa"'), /signature_alg/],
  ])('fails %s', (_, change, reason) => {
    const place = newPlace();
    place.qpoe('run', '--out', 'q.json');
    const text = readFileSync(place.path('q.json'), 'utf8');
    expect(change(text)).not.toBe(text);
    writeFileSync(place.path('t.json'), change(text));
    const { code, stdout } = place.qpoe('verify', 't.json');
    expect(code).toBe(1);
    expect(stdout).toMatch(reason);
  });

  it('can’t read what isn’t there, is over 50 MB, is a pipe, or is forbidden', () => {
    const place = newPlace();
    expect(place.qpoe('verify', 'nothing.json')).toMatchObject({
      code: 2,
      stdout: "UNREADABLE: can't read nothing.json: no such file or folder\n",
    });
    closeSync(openSync(place.path('large.json'), 'w'));
    truncateSync(place.path('large.json'), 50_000_001);
    expect(place.qpoe('verify', 'large.json')).toMatchObject({
      code: 2,
      stdout: expect.stringContaining('50000001 bytes, over the limit of 50000000'),
    });
    spawnSync('mkfifo', [place.path('pipe')]);
    expect(place.qpoe('verify', 'pipe')).toMatchObject({
      code: 2,
      stdout: expect.stringContaining('not a regular file'),
    });
    if (process.getuid!() === 0) return;
    writeFileSync(place.path('secret.json'), '{}');
    chmodSync(place.path('secret.json'), 0o000);
    expect(place.qpoe('verify', 'secret.json')).toMatchObject({
      code: 2,
      stdout: expect.stringContaining('no permission'),
    });
  });

  it('of several: 1 before 2 before 3 before 0', () => {
    const place = newPlace();
    place.qpoe('run', '--out', 'pass.json');
    place.qpoe('run', '--unsigned', '--out', 'unsigned.json');
    writeFileSync(place.path('fail.json'), '{"schema_version":"1.0"}');
    const code = (...files: string[]) => place.qpoe('verify', ...files).code;
    expect(code('pass.json', 'pass.json')).toBe(0);
    expect(code('pass.json', 'unsigned.json')).toBe(3);
    expect(code('unsigned.json', 'nothing.json', 'pass.json')).toBe(2);
    expect(code('nothing.json', 'fail.json', 'unsigned.json')).toBe(1);
  });

  it('prints nothing that a file could forge', () => {
    const place = newPlace();
    const name = 'evil\n\u001b[32mPASS.json';
    writeFileSync(
      place.path(name),
      '{"schema_version":"1.0","\\u001b[2K\\rPASS: signed by you\\n\\u202e":1}',
    );
    for (const args of [
      ['verify', name],
      ['verify', name, name],
      ['inspect', name],
    ]) {
      const { stdout, stderr } = place.qpoe(...args);
      expect(stdout + stderr).not.toMatch(/[\u001b\r\u202e]|^PASS|^\[32mPASS/m);
    }
  });

  it('passes over nothing in a folder in silence', () => {
    const place = newPlace();
    place.qpoe('run', '--out', 'q.json');
    mkdirSync(place.path('f'));
    copyFileSync(place.path('q.json'), place.path('f/a.json'));
    symlinkSync('../q.json', place.path('f/link.json'));
    symlinkSync('..', place.path('f/up'));
    spawnSync('mkfifo', [place.path('f/pipe')]);
    writeFileSync(
      place.path('f/.hidden.json'),
      readFileSync(place.path('q.json'), 'utf8').replace('1024', '1025'),
    );
    const { code, stdout } = place.qpoe('verify', 'f');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^FAIL: .* {2}f\/\.hidden\.json$/m);
    expect(stdout).toMatch(/^UNRECOGNISED {2}f\/link\.json: a link, not followed$/m);
    expect(stdout).toMatch(/^UNRECOGNISED {2}f\/pipe: not a regular file$/m);
    expect(stdout).toMatch(/\n5 files: 1 fail, 1 pass, 3 unrecognised\n$/);
  });

  it('judges every other file where one can’t be read', () => {
    const place = newPlace();
    place.qpoe('run', '--out', 'q.json');
    writeFileSync(place.path('bad.json'), '{"schema_version":"1.0"}');
    const { code, stdout } = place.qpoe('verify', 'x'.repeat(300), 'bad.json', 'q.json');
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^UNREADABLE {2}x+…?: can't read x+: the name is too long\nFAIL: record.format {2}bad.json/,
    );
  });

  it('waits for a slow stdin, and reads no more of it than the limit', async () => {
    const place = newPlace();
    place.qpoe('run', '--out', 'q.json');
    const slow = spawnSync(
      'sh',
      ['-c', `(sleep 0.5; cat q.json) | "${process.execPath}" "${BIN}" verify -`],
      { cwd: place.folder, env: place.environment, encoding: 'utf8' },
    );
    expect([slow.status, slow.stdout.slice(0, 5)]).toEqual([0, 'PASS:']);
    const endless = spawnSync('sh', ['-c', `yes | "${process.execPath}" "${BIN}" verify -`], {
      cwd: place.folder,
      env: place.environment,
      encoding: 'utf8',
    });
    expect([endless.status, endless.stdout]).toEqual([2, 'UNREADABLE: stdin has more than 70000000 bytes\n']);
  });

  it('says so where the answer can’t be written: no verdict, exit 4', () => {
    const place = newPlace();
    place.qpoe('run', '--out', 'q.json');
    const full = spawnSync('sh', ['-c', `"${process.execPath}" "${BIN}" verify q.json > /dev/full`], {
      cwd: place.folder,
      env: place.environment,
      encoding: 'utf8',
    });
    expect(full.status).toBe(4);
    expect(full.stderr).toMatch(/^qpoe: can't write the answer to stdout: .*ENOSPC.*\n$/);
  });

  it('writes its answer to --out', () => {
    const place = newPlace();
    place.qpoe('run', '--out', 'q.json');
    expect(place.qpoe('verify', '--json', '--out', 'v.json', 'q.json')).toMatchObject({
      code: 0,
      stdout: '',
    });
    expect(JSON.parse(readFileSync(place.path('v.json'), 'utf8'))).toMatchObject({ exit: 0 });
  });

  it('answers in JSON whatever is wrong', () => {
    for (const args of [
      ['verify', '--json'],
      ['run', '--json', '--bogus'],
      ['prove', '--json'],
    ])
      expect(JSON.parse(newPlace().qpoe(...args).stdout), args.join(' ')).toMatchObject({
        code: 'usage',
        message: expect.any(String),
      });
  });
});

describe('a store or home that can’t be used', () => {
  it('is a file', () => {
    const place = newPlace();
    writeFileSync(place.path('file'), '');
    expect(place.qpoe('run', '--store', 'file')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('file is not a folder; name a store'),
    });
    expect(place.qpoe('list', '--store', 'file').code).toBe(2);
    expect(place.qpoe('run', '--home', 'file').code).toBe(4);
  });

  it('has settings with unknown keys', () => {
    const place = newPlace();
    place.qpoe('init');
    writeFileSync(`${place.home}/config.toml`, 'sdk = "simulator"\npolcy = "x"\n', { mode: 0o600 });
    expect(place.qpoe('run')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/config.toml: the top level: unknown member "polcy"; its keys: store/),
    });
  });

  it('settings stand behind the environment, and both behind a flag', () => {
    const place = newPlace();
    place.qpoe('init');
    writeFileSync(`${place.home}/config.toml`, 'store = "records-here"\n', { mode: 0o600 });
    place.qpoe('run');
    expect(existsSync(`${place.home}/records-here/records`)).toBe(true);
    place.environment.QPOE_STORE = 'by-environment';
    place.qpoe('run');
    place.qpoe('run', '--store', 'by-flag');
    expect([existsSync(place.path('by-environment')), existsSync(place.path('by-flag'))]).toEqual([
      true,
      true,
    ]);
  });
});

const mayMount = spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;

describe('a clock', () => {
  it('set back during the run costs no record', () => {
    const place = newPlace();
    writeFileSync(
      place.path('back.mjs'),
      'const now = Date.now; let calls = 0; Date.now = () => now() - (calls++ > 0 ? 3_600_000 : 0);',
    );
    place.environment.NODE_OPTIONS = `--import ${place.path('back.mjs')}`;
    expect(place.qpoe('run', '--out', 'q.json').code).toBe(0);
    place.environment.NODE_OPTIONS = '';
    expect(place.qpoe('verify', 'q.json').code).toBe(0);
  });

  it('before 1970 is refused before the run', () => {
    const place = newPlace();
    writeFileSync(place.path('old.mjs'), 'Date.now = () => -1;');
    place.environment.NODE_OPTIONS = `--import ${place.path('old.mjs')}`;
    expect(place.qpoe('run')).toMatchObject({
      code: 4,
      stderr: expect.stringContaining("qpoe: this machine's clock is not set; set it\n"),
    });
  });
});

describe.skipIf(!mayMount)(
  mayMount ? 'a full disk' : 'a full disk (skipped: no file system can be mounted here)',
  () => {
    it.each([8, 12, 16, 20, 24, 32, 40])(
      'of %d kB costs one line, and leaves no half record',
      (kilobytes) => {
        const place = newPlace();
        place.qpoe('init');
        mkdirSync(place.path('disk'));
        const script = `
      mount -t tmpfs -o size=${kilobytes}k none disk
      "$0" "$1" run --n-qubits 8 --depth 20 --shots 5000 --store disk/store --out disk/q.json
      echo "exit $?"
      for record in disk/store/records/*.json disk/q.json; do
        [ -e "$record" ] && "$0" "$1" verify -q "$record" | head -1
      done
      find disk -name '.tmp-*'`;
        const { stdout, stderr } = spawnSync('unshare', ['-rm', 'sh', '-c', script, process.execPath, BIN], {
          cwd: place.folder,
          env: place.environment,
          encoding: 'utf8',
        });
        const lines = stdout.trimEnd().split('\n');
        const exit = lines.find((line) => line.startsWith('exit'));
        if (exit === 'exit 0') return;
        expect(exit).toBe('exit 4');
        expect(stderr.trimEnd().split('\n')).toEqual([
          expect.stringMatching(/^qpoe: can't .*: the disk is full/),
        ]);
        for (const line of lines.slice(lines.indexOf(exit!) + 1)) expect(line).toMatch(/^PASS/);
      },
    );
  },
);

describe('Ctrl-C', () => {
  it.each([
    ['while the simulator computes', ['--n-qubits', '24', '--depth', '60']],
    ['while an SDK runs', ['--sdk', 'cirq', '--python', './python']],
  ])('%s: exit 130 at once, no record', async (_, args) => {
    const place = newPlace();
    place.qpoe('init');
    writeFileSync(place.path('python'), '#!/bin/sh\necho $$ > pid\nexec sleep 600\n');
    chmodSync(place.path('python'), 0o755);
    const child = place.start('run', ...args);
    await sleep(800);
    const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
    const started = performance.now();
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    expect(performance.now() - started).toBeLessThan(5000);
    expect(place.files().filter((file) => file.includes('.json'))).toEqual([]);
    if (existsSync(place.path('pid')))
      expect(() => process.kill(Number(readFileSync(place.path('pid'), 'utf8')), 0)).toThrow();
  });

  it('while verify reckons over what it was given: the system ends it', async () => {
    const place = newPlace();
    // So many values that it is read for seconds, in which no listener would be called.
    writeFileSync(place.path('long.json'), `[${'"abcdefg",'.repeat(4_900_000)}0]`);
    const child = place.start('verify', ...Array<string>(8).fill('long.json'));
    const ended = new Promise((resolve) => child.on('exit', (code, signal) => resolve({ code, signal })));
    await sleep(800);
    child.kill('SIGINT');
    expect(await ended).toEqual({ code: null, signal: 'SIGINT' });
  });
});
