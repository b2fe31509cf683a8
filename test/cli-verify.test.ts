/** `qpoe verify` as transcripts: what it explains, takes out of the store, answers in JSON, and makes of hostile places. */

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import type { FileVerdict } from '../src/cli/verify/verify-file.ts';
import { utf8 } from '../src/core/bytes.ts';
import { digestOf } from '../src/core/digest.ts';
import type { JsonObject } from '../src/core/json.ts';
import { recordSigner } from '../src/store/identity.ts';
import { writeBundle } from '../src/verify/bundle.ts';
import { fullBundle } from './bundles.ts';
import { newPlace, type Place } from './cli.ts';
import { signedRecord } from './records.ts';
import { newIdentity } from './statements.ts';

/** A place with a record, its statements and its bundle `job.qpoe.json`. */
function placeWithBundle(): Place {
  const place = newPlace();
  place.qpoe('run', '--n-qubits', '3', '--shots', '100');
  expect(place.qpoe('bundle', 'last', '--out', 'job.qpoe.json').code).toBe(0);
  return place;
}

interface Answer {
  readonly exit: number;
  readonly files: readonly FileVerdict[];
}

interface Edited {
  record: { execution: { result_summary: { counts: Record<string, number> }[] } };
  statements: {
    verificationMaterial: { tlogEntries?: unknown };
    dsseEnvelope: { signatures: [{ sig: string }] };
  }[];
}

/** The bundle with something changed, under another name. */
function change(place: Place, name: string, edit: (bundle: Edited) => void): string {
  const bundle = JSON.parse(readFileSync(place.path('job.qpoe.json'), 'utf8'));
  edit(bundle);
  writeFileSync(place.path(name), JSON.stringify(bundle));
  return name;
}

const addAShot = ({ record }: Edited): void => {
  const { counts } = record.execution.result_summary[0]!;
  const [outcome] = Object.keys(counts);
  counts[outcome!]! += 1;
};

describe('the report', () => {
  it('goes by layer, tells statements apart, and leaves out what nobody asked for', () => {
    const { code, stdout } = placeWithBundle().qpoe('verify', 'job.qpoe.json');
    expect(code).toBe(0);
    const layers = [...stdout.matchAll(/^([A-Z][a-z]+)$/gm)].map(([, title]) => title);
    expect(layers).toEqual(['Bundle', 'Record', 'Circuit', 'Artifacts', 'Statements', 'Log']);
    expect(stdout.match(/^ {2}record’s statement, .*\n✓ pass {4}statement.signature/gm)?.sort()).toEqual([
      '  record’s statement, ECDSA P-256 by "me"\n✓ pass    statement.signature',
      '  record’s statement, ML-DSA-65 by "me"\n✓ pass    statement.signature',
    ]);
    expect(stdout).toContain('\nLog\n  record’s statement, ECDSA P-256 by "me"\n✓ pass    log.entry');
  });

  it('shows a layer that is not there once the policy requires it', () => {
    const place = placeWithBundle();
    const own = readFileSync(`${place.home}/trust.toml`, 'utf8');
    writeFileSync(place.path('demanding.toml'), `${own}\n[require.bundle]\nanchor = true\nreceipt = true\n`);
    const { code, stdout } = place.qpoe('verify', '--policy', 'demanding.toml', 'job.qpoe.json');
    expect(code).toBe(3);
    expect(stdout).toMatch(/^INCOMPLETE: receipt.signature, anchor.block\n/);
    expect(stdout).toMatch(/\nAnchors\n! missing anchor.block/);
    expect(stdout).toMatch(/\nReceipts\n! missing receipt.signature/);
    expect(stdout).toMatch(/\nWhat that means and what to do: qpoe verify --explain \S+\n$/);
  });

  it('says of a failure what still holds, and what shows nothing without it', () => {
    const place = placeWithBundle();
    const { code, stdout } = place.qpoe('verify', change(place, 'bad.json', addAShot));
    expect(code).toBe(1);
    expect(stdout).toMatch(/^FAIL: record.hash, record.counts\n/);
    const [holds = '', falls = ''] = stdout
      .split('What still holds:\n')[1]!
      .split('\n\n')[0]!
      .split('Shows nothing about this record without record.hash, record.counts:\n');
    expect(holds.split('\n').filter(Boolean)).toEqual([
      '  Bundle      The file is an evidence bundle, and nothing else.',
      '  Statements  Whoever holds the key signed exactly this payload.',
      '  Statements  The key belongs to someone you trust to vouch for this.',
    ]);
    expect(falls).toContain('  Record      record.signature, record.signer, record.times');
    expect(falls).toContain('  Statements  statement.subject');
    expect(falls).toContain('  Log         log.entry, log.inclusion, log.checkpoint');
  });

  it('takes nothing from one statement where another fails', () => {
    const place = placeWithBundle();
    change(place, 'bad.json', ({ statements }) => {
      const unlogged = statements.find((one) => one.verificationMaterial.tlogEntries === undefined)!;
      const [signature] = unlogged.dsseEnvelope.signatures;
      signature.sig = `AAAA${signature.sig.slice(4)}`;
    });
    const { stdout } = place.qpoe('verify', 'bad.json');
    expect(stdout).toMatch(/^FAIL: statement.signature\n/);
    const holds = stdout.split('What still holds:\n')[1]!.split('Shows nothing')[0]!;
    expect(holds).toContain('  Log         A log that you know signed that checkpoint.');
    expect(stdout).toContain(
      'Shows nothing about this record without statement.signature:\n  Statements  statement.signer, statement.subject\n',
    );
  });
});

describe('--explain', () => {
  it('says what a check is worth, without a file', () => {
    const { code, stdout } = newPlace().qpoe('verify', '--explain', 'record.hash');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^record.hash: The record’s hash\n/);
    expect(stdout).toMatch(/\nIt proves {9}That the record/);
    expect(stdout).toMatch(/\nfail {14}Something was changed .* \(hash.mismatch\)\n {18}→ Ask/);
  });

  it('answers in JSON', () => {
    const { code, stdout } = newPlace().qpoe('verify', '--json', '--explain', 'anchor.block');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      type: 'https://quantum-proof-of-execution.dev/answer/explain/v1',
      id: 'anchor.block',
      claim: 'The block is the chain’s.',
      failings: [{ status: 'unknown', codes: ['anchor.unpinned'] }, { status: 'missing' }],
    });
  });

  it('lists the checks where there is none of that name, and takes no file', () => {
    const place = newPlace();
    expect(place.qpoe('verify', '--explain', 'record.hsah')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /^qpoe: no check "record.hsah"; --explain takes archive.format, archive.keys, archive.files, archive.figure, archive.external, archive.reproduction, bundle.format, bundle.keys, record.format, .*\n$/,
      ),
    });
    expect(place.qpoe('verify', '--explain', '__proto__').code).toBe(2);
    expect(place.qpoe('verify', '--explain', 'record.hash', 'f.json')).toMatchObject({
      code: 2,
      stderr: 'qpoe: --explain takes no files; give one or the other\n',
    });
    expect(place.qpoe('verify')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('nothing to verify'),
    });
  });
});

describe('--record', () => {
  it('verifies a record of the store with everything the store holds about it, as its bundle', () => {
    const place = placeWithBundle();
    const stored = JSON.parse(place.qpoe('verify', '--json', '--record', 'last').stdout).files[0];
    const bundled = JSON.parse(place.qpoe('verify', '--json', 'job.qpoe.json').stdout).files[0];
    expect(stored).toEqual({ ...bundled, path: expect.stringMatching(/^\.qpoe\/records\/.*\.json$/) });
    expect(stored.verdict.checks.map(({ id }: { id: string }) => id)).toContain('log.inclusion');
  });

  it('while the record’s file is judged alone, wherever it lies', () => {
    const place = placeWithBundle();
    const [file] = place.files().filter((name) => name.startsWith('.qpoe/records/'));
    const { files } = JSON.parse(place.qpoe('verify', '--json', file!).stdout);
    expect(files[0].verdict.kind).toBe('record');
    expect(
      files[0].verdict.checks.filter(({ id }: { id: string }) => !/^(record|circuit)\./.test(id)),
    ).toEqual([]);
  });

  it('fails a record that was edited in the store', () => {
    const place = placeWithBundle();
    const [file] = place.files().filter((name) => name.startsWith('.qpoe/records/'));
    const text = readFileSync(place.path(file!), 'utf8');
    writeFileSync(place.path(file!), text.replace('"shots": 100', '"shots": 101'));
    const { code, stdout } = place.qpoe('verify', '--record', 'last');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^FAIL: record.hash/);
  });

  it('asks for no passphrase where the policy has the keys', () => {
    const place = newPlace();
    writeFileSync(place.path('pass'), 'correct horse\n', { mode: 0o600 });
    place.qpoe('init', '--passphrase-file', 'pass');
    place.environment.QPOE_PASSPHRASE_FILE = place.path('pass');
    place.qpoe('run');
    delete place.environment.QPOE_PASSPHRASE_FILE;
    expect(place.qpoe('verify', '--record', 'last').code).toBe(0);
  });

  it('says so where there is no such record, no store, or a file too', () => {
    const place = placeWithBundle();
    expect(place.qpoe('verify', '--record', 'ffff')).toMatchObject({
      code: 2,
      stderr: 'qpoe: no record "ffff" in .qpoe; `qpoe list` shows what is there\n',
    });
    expect(place.qpoe('verify', '--record', 'last', '--store', 'nowhere').code).toBe(2);
    expect(place.qpoe('verify', '--record', 'last', 'job.qpoe.json')).toMatchObject({
      code: 2,
      stderr: 'qpoe: --record takes no files; give one or the other\n',
    });
  });
});

describe('--json', () => {
  const schema = JSON.parse(
    readFileSync(join(import.meta.dirname, '../docs/schema/verify.schema.json'), 'utf8'),
  );
  const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);
  const answer = (place: Place, ...args: string[]): Answer => {
    const value = JSON.parse(place.qpoe('verify', '--json', ...args).stdout);
    expect(validate(value), JSON.stringify(validate.errors)).toBe(true);
    return value;
  };

  it('is what its schema says, whatever the outcome', () => {
    const place = placeWithBundle();
    const bad = change(place, 'bad.json', addAShot);
    writeFileSync(place.path('other.json'), '{"a":1}');
    const pass = answer(place, 'job.qpoe.json');
    expect(pass).toMatchObject({
      exit: 0,
      qpoe: '0.1.0',
      warnings: [],
      trust: {
        kind: 'policy',
        path: `${place.home}/trust.toml`,
        digest: digestOf(readFileSync(`${place.home}/trust.toml`)),
      },
      files: [{ outcome: 'pass', digest: digestOf(readFileSync(place.path('job.qpoe.json'))) }],
    });
    expect(pass.files[0]!.verdict!.checks.some(({ part }) => part?.includes('ML-DSA-65'))).toBe(true);
    expect(answer(place, bad)).toMatchObject({ exit: 1, files: [{ outcome: 'fail' }] });
    expect(answer(place, '--home', place.path('no'), 'job.qpoe.json')).toMatchObject({
      exit: 3,
      trust: { kind: 'nobody' },
      files: [{ outcome: 'inconclusive' }],
    });
    expect(answer(place, '--integrity-only', 'job.qpoe.json')).toMatchObject({
      exit: 0,
      trust: { kind: 'integrity-only' },
    });
    expect(answer(place, '--signer', '0'.repeat(64), 'job.qpoe.json')).toMatchObject({
      exit: 3,
      trust: { kind: 'signer', fingerprint: `sha256:${'0'.repeat(64)}` },
    });
    expect(answer(place, 'other.json')).toMatchObject({
      exit: 1,
      files: [{ verdict: { kind: 'unrecognised' } }],
    });
    expect(answer(place, 'nothing.json')).toMatchObject({ exit: 2, files: [{ outcome: 'unreadable' }] });
    const folder = answer(place, '.');
    expect(folder.exit).toBe(1);
    expect(folder.files.map(({ outcome }) => outcome)).toEqual(
      expect.arrayContaining(['pass', 'fail', 'unrecognised']),
    );
    expect(validate({ ...pass, extra: 1 })).toBe(false);
    expect(validate({ ...pass, files: [{ ...pass.files[0], outcome: 'good' }] })).toBe(false);
  });
});

describe('bad bundles', () => {
  it('over 50 MB cost one line', async () => {
    const place = newPlace();
    const text = 'x'.repeat(51_000_000);
    const record = await signedRecord(recordSigner(newIdentity().ed25519), (content) => {
      content.workload.programs[0]!.input = { format: 'openqasm2', digest: digestOf(utf8(text)) };
    });
    writeFileSync(place.path('big.json'), bundleOf(record, [utf8(text)]));
    const { code, stdout, stderr } = place.qpoe('verify', 'big.json');
    expect([code, stderr]).toEqual([2, '']);
    expect(stdout).toMatch(/^UNREADABLE: big.json has 51\d{6} bytes, over the limit of 50000000\n$/);
  });

  it('of 10,000 artifacts work', async () => {
    const place = newPlace();
    const texts = Array.from({ length: 10_000 }, (_, at) => utf8(`OPENQASM 3.0; // ${at}`));
    const record = await signedRecord(recordSigner(newIdentity().ed25519), (content) => {
      content.execution.executed_circuits = texts.map((text) => ({
        program: 0,
        format: 'openqasm3',
        digest: digestOf(text),
      }));
    });
    writeFileSync(place.path('many.json'), bundleOf(record, texts));
    const { code, stdout } = place.qpoe('verify', '--integrity-only', 'many.json');
    expect(code).toBe(0);
    expect(stdout).toContain('10000 of the 10003 that the record names');
    writeFileSync(place.path('one-lies.json'), bundleOf(record, texts).replace('// 7777"', '// 7778"'));
    const lies = place.qpoe('verify', '--integrity-only', 'one-lies.json');
    expect(lies.code).toBe(1);
    expect(lies.stdout).toMatch(/^FAIL: artifact.digest\n/);
  });

  const bundleOf = (record: object, artifacts: readonly Uint8Array<ArrayBuffer>[]): string =>
    Buffer.from(
      writeBundle({
        record: record as JsonObject,
        artifacts: new Map(artifacts.map((bytes) => [digestOf(bytes), bytes])),
        statements: [],
        receipts: [],
        keys: [],
        timestamps: [],
        anchors: [],
      }),
    ).toString();

  it.each<[string, (text: string) => string, RegExp]>([
    [
      'an artifact whose digest lies',
      (text) => text.replace(/("artifacts":\{"sha256:[0-9a-f]{64}":\{"data":")/, '$1 '),
      /^FAIL: artifact.digest\n[\s\S]*has another digest/,
    ],
    [
      'two records',
      (text) => text.replace(/"record":(\{.*\}),"statements"/, '"record":$1,"record":$1,"statements"'),
      /^FAIL: bundle.format\n[\s\S]*duplicate member "record"/,
    ],
    [
      'an unknown layer',
      (text) => text.replace('{', '{"blessings":[],'),
      /^FAIL: bundle.format\n[\s\S]*unknown member "blessings"/,
    ],
    ['a layer less', (text) => text.replace('"anchors":[],', ''), /^FAIL: bundle.format\n[\s\S]*anchors: /],
  ])('with %s fail', (_, edit, reason) => {
    const place = placeWithBundle();
    const text = readFileSync(place.path('job.qpoe.json'), 'utf8');
    expect(edit(text)).not.toBe(text);
    writeFileSync(place.path('bad.json'), edit(text));
    const { code, stdout } = place.qpoe('verify', 'bad.json');
    expect(code).toBe(1);
    expect(stdout).toMatch(reason);
  });

  it('a zip archive is no bundle, and the reason says what to do', () => {
    const place = newPlace();
    writeFileSync(place.path('job.zip'), Buffer.from('504b0304140000000800', 'hex'));
    expect(place.qpoe('verify', 'job.zip')).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('a zip archive: unpack it and verify what is in it'),
    });
  });
});

describe('trust from where the evidence lies', () => {
  it('has no effect whatever when it is planted', () => {
    const attacker = placeWithBundle();
    const victim = newPlace();
    victim.qpoe('init');
    cpSync(attacker.path('job.qpoe.json'), victim.path('job.qpoe.json'));
    const clean = victim.qpoe('verify', 'job.qpoe.json');
    expect(clean.code).toBe(3);
    cpSync(attacker.path('.qpoe'), victim.path('.qpoe'), { recursive: true });
    const config = `policy = ${JSON.stringify(victim.path('trust.toml'))}\n`;
    for (const folder of ['.', '.qpoe', 'qpoe', '.config/qpoe']) {
      mkdirSync(victim.path(folder), { recursive: true });
      cpSync(`${attacker.home}/trust.toml`, victim.path(folder, 'trust.toml'));
      writeFileSync(victim.path(folder, 'config.toml'), config, { mode: 0o600 });
    }
    expect(victim.qpoe('verify', 'job.qpoe.json')).toEqual(clean);
    expect(victim.qpoe('verify', victim.path('job.qpoe.json'))).toMatchObject({ code: 3 });
  });

  it('is listed in a folder as not looked at', () => {
    const place = placeWithBundle();
    mkdirSync(place.path('f/.qpoe'), { recursive: true });
    renameSync(place.path('job.qpoe.json'), place.path('f/job.qpoe.json'));
    for (const name of ['trust.toml', 'config.toml', '.qpoe/trust.toml'])
      writeFileSync(place.path('f', name), 'version = 1\n');
    const { code, stdout } = place.qpoe('verify', 'f');
    expect(code).toBe(3);
    for (const name of ['trust.toml', 'config.toml', '.qpoe/trust.toml'])
      expect(stdout).toContain(
        `UNRECOGNISED  f/${name}: not looked at: whom you trust never comes from the evidence\n`,
      );
    expect(stdout).toMatch(/\n4 files: 3 unrecognised, 1 pass\n$/);
  });

  it('a failing record hides under no such name', () => {
    const place = placeWithBundle();
    mkdirSync(place.path('f'));
    renameSync(place.path(change(place, 'bad.json', addAShot)), place.path('f/trust.toml'));
    expect(place.qpoe('verify', 'f')).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('FAIL: record.hash'),
    });
  });

  const warning = (what: string, path: string, folder: string): string =>
    `${what} ${path} lies with the evidence in ${folder}: whoever sent that may have written whom you trust`;

  it('is warned of where the person put it there, on stderr, in the report and in the answer', () => {
    const place = placeWithBundle();
    mkdirSync(place.path('sent'));
    renameSync(place.path('job.qpoe.json'), place.path('sent/job.qpoe.json'));
    cpSync(place.home, place.path('sent/home'), { recursive: true });
    const home = warning('the home', place.path('sent/home'), place.path('sent'));
    const policy = warning('the policy', place.path('sent/home/trust.toml'), place.path('sent'));
    for (const what of ['sent/job.qpoe.json', 'sent']) {
      const { stdout, stderr } = place.qpoe('verify', '--home', place.path('sent/home'), what);
      expect(stderr).toBe(`qpoe: warning: ${policy}\nqpoe: warning: ${home}\n`);
      expect(stdout).toContain(`! warning ${policy}\n! warning ${home}\n`);
    }
    place.environment.QPOE_HOME = place.path('sent/home');
    expect(place.qpoe('verify', 'sent/job.qpoe.json').stderr).toContain(home);
    place.environment.QPOE_HOME = place.home;
    const named = place.qpoe('verify', '--json', '--policy', 'sent/home/trust.toml', 'sent/job.qpoe.json');
    expect(JSON.parse(named.stdout).warnings).toEqual([
      {
        code: 'trust.in-evidence',
        message: warning('the policy', 'sent/home/trust.toml', place.path('sent')),
      },
    ]);
  });

  it('also where a link leads there', () => {
    const place = placeWithBundle();
    mkdirSync(place.path('sent'));
    renameSync(place.path('job.qpoe.json'), place.path('sent/job.qpoe.json'));
    cpSync(`${place.home}/trust.toml`, place.path('sent/trust.toml'));
    symlinkSync('sent', place.path('mine'));
    expect(place.qpoe('verify', '--policy', 'mine/trust.toml', 'sent/job.qpoe.json').stderr).toContain(
      'the policy mine/trust.toml lies with the evidence',
    );
  });

  it('is not where the usual home lies below the person’s own folder, which a file is in', () => {
    const place = placeWithBundle();
    delete place.environment.QPOE_HOME;
    place.environment.HOME = place.folder;
    place.qpoe('init');
    expect(place.qpoe('verify', 'job.qpoe.json').stderr).toBe('');
    expect(place.qpoe('verify', '.').stderr).toContain('the home');
  });
});

it('opens no socket and looks up no name, whatever it verifies', async () => {
  const place = placeWithBundle();
  const full = await fullBundle();
  writeFileSync(place.path('full.json'), full.bytes);
  const statement = JSON.parse(Buffer.from(full.bytes).toString()).statements[0];
  writeFileSync(place.path('statement.sigstore.json'), JSON.stringify(statement));
  writeFileSync(
    place.path('watch.mjs'),
    `import { appendFileSync } from 'node:fs';
     import net from 'node:net';
     import dns from 'node:dns';
     import dgram from 'node:dgram';
     const opened = (what) => () => { appendFileSync(${JSON.stringify(place.path('opened'))}, what); throw new Error(what); };
     net.Socket.prototype.connect = opened('connect');
     net.Server.prototype.listen = opened('listen');
     dns.lookup = opened('lookup');
     dgram.createSocket = opened('datagram');`,
  );
  place.environment.NODE_OPTIONS = `--import ${place.path('watch.mjs')}`;
  for (const args of [
    ['job.qpoe.json', '--html', 'r.html'],
    ['full.json'],
    ['statement.sigstore.json'],
    ['--record', 'last'],
    ['.'],
  ])
    expect([0, 3], args.join(' ')).toContain(place.qpoe('verify', ...args).code);
  expect(place.files()).not.toContain('opened');
  // The watch itself: what does ask a network is caught.
  spawnSync(process.execPath, ['-e', "fetch('http://127.0.0.1:4321/').catch(() => undefined)"], {
    cwd: place.folder,
    env: place.environment,
  });
  expect(place.files()).toContain('opened');
});
