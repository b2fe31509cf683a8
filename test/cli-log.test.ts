/** The log and the bundle at the command line: command, what it printed, its exit code, the files left behind. */

import { spawnSync } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { cpSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { pae } from '../src/attest/dsse.ts';
import { type Bytes, toHex } from '../src/core/bytes.ts';
import { sha256 } from '../src/core/digest.ts';
import { fromDer, toDer } from '../src/core/p256.ts';
import { parseLogProof } from '../src/tlog/proof.ts';
import { newPlace, type Place } from './cli.ts';
import { rekordRequest } from './log-requests.ts';

const ORIGIN = '[0-9a-f]{8}\\.[0-9a-f]{8}\\.qpoe\\.internal';

function p256(place: Place): string[] {
  return place.files().filter((file) => file.includes('/statements/') && file.includes('/p256-'));
}

function placeWith(runs: number): Place {
  const place = newPlace();
  for (let seed = 0; seed < runs; seed++) expect(place.qpoe('run', '--seed', String(seed)).code).toBe(0);
  return place;
}

describe('run', () => {
  it('makes a log, enters the statement, and the policy trusts the log', () => {
    const place = newPlace();
    const { code, stdout, stderr } = place.qpoe('run');
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`\nlogged  entry 0 of ${ORIGIN}\n`));
    expect(stderr).toMatch(new RegExp(`made your log ${ORIGIN} in .qpoe/log\n`));
    expect(readFileSync(join(place.home, 'trust.toml'), 'utf8')).toMatch(
      new RegExp(`\n\\[\\[log\\]\\]\nvkey = "${ORIGIN}\\+`),
    );
    expect(place.qpoe('run', '--json', '-q').stdout).toContain('"log_index":1');
    const [file] = p256(place);
    const verified = place.qpoe('verify', file!);
    expect(verified.code).toBe(0);
    expect(verified.stdout).toMatch(
      /pass {4}log\.checkpoint .*\n.*1 entry; seen by no one else: proves no date/,
    );
  });

  it('keeps record and statements where the log can’t take them, and says what then', () => {
    const place = placeWith(1);
    truncateSync(place.path('.qpoe/log/tile/0/000.p/1'), 5);
    const { code, stderr } = place.qpoe('run');
    expect(code).toBe(2);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(
      /tile\/0\/000\.p\/1.*; the statements are kept; once that is mended: qpoe log append /,
    );
    expect(p256(place)).toHaveLength(2);
  });
});

describe('log', () => {
  it('appends once, and gives the first index after that', () => {
    const place = placeWith(2);
    const [first] = p256(place);
    expect(place.qpoe('log', 'append', ...p256(place)).stdout).toMatch(
      /^entry 0 of .*, there already {2}.*\nentry 1 of .*, there already/,
    );
    expect(place.qpoe('log', 'checkpoint').stdout.split('\n')[1]).toBe('2');
    const text = readFileSync(place.path(first!), 'utf8');
    const bundle = JSON.parse(text);
    delete bundle.verificationMaterial.tlogEntries;
    writeFileSync(place.path(first!), JSON.stringify(bundle));
    expect(place.qpoe('log', 'append', first!).code).toBe(0);
    expect(
      JSON.parse(readFileSync(place.path(first!), 'utf8')).verificationMaterial.tlogEntries[0].logIndex,
    ).toBe('0');
  });

  it('proves an entry by its index or its file, in both forms', () => {
    const place = placeWith(3);
    const [, file] = p256(place);
    const byIndex = place.qpoe('log', 'prove', '1');
    expect(byIndex.code).toBe(0);
    expect(parseLogProof(Buffer.from(byIndex.stdout)).value).toMatchObject({ index: 1 });
    expect(place.qpoe('log', 'prove', file!).stdout).toBe(byIndex.stdout);
    const entry = JSON.parse(place.qpoe('log', 'prove', '--sigstore', '1').stdout);
    expect(entry).toMatchObject({ logIndex: '1', inclusionProof: { treeSize: '3' } });
    expect(place.qpoe('log', 'prove', '3')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('there is no entry 3'),
    });
  });

  it('proves consistency, and refuses sizes that it never had', () => {
    const place = placeWith(3);
    expect(place.qpoe('log', 'consistency', '1', '3').stdout.trim().split('\n')).toHaveLength(2);
    for (const [m, n] of [
      ['3', '1'],
      ['0', '2'],
      ['1', '9'],
      ['x', '2'],
    ] as const)
      expect(place.qpoe('log', 'consistency', m, n)).toMatchObject({ code: 2, stdout: '' });
  });

  it('fsck finds a flipped byte in any file, and names it', () => {
    const place = placeWith(3);
    expect(place.qpoe('log', 'fsck')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^OK {2}.*: 3 entries, \d+ files\n/),
    });
    for (const file of place.files().filter((name) => name.includes('.qpoe/log/'))) {
      const before = readFileSync(place.path(file));
      const flipped = Buffer.from(before);
      flipped[flipped.length >> 1]! ^= 1;
      writeFileSync(place.path(file), flipped);
      const { code, stdout } = place.qpoe('log', 'fsck');
      // A checkpoint with another origin is no log that is known here.
      expect(code, file).not.toBe(0);
      expect(`${stdout} ${file.endsWith('checkpoint') ? 'checkpoint' : ''}`).toContain(
        file.slice('.qpoe/log/'.length),
      );
      writeFileSync(place.path(file), before);
    }
    expect(place.qpoe('log', 'fsck').code).toBe(0);
  });

  it('refuses to sign for a store that is older than what it signed', () => {
    const place = placeWith(1);
    cpSync(place.path('.qpoe'), place.path('copy'), { recursive: true });
    expect(place.qpoe('run').code).toBe(0);
    const { code, stderr } = place.qpoe('run', '--store', 'copy');
    expect(code).not.toBe(0);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(place.qpoe('log', 'fsck').code).toBe(0);
  });

  it('says in one line what is wrong with a file that it can’t enter', () => {
    const place = placeWith(1);
    const [mlDsa] = place.files().filter((file) => file.includes('/ml-dsa-65-'));
    for (const file of [
      mlDsa!,
      '.qpoe/index.sqlite',
      'none.json',
      place.files().find((name) => name.includes('/records/'))!,
    ]) {
      const { code, stdout, stderr } = place.qpoe('log', 'append', file);
      expect([code, stdout], file).toEqual([2, '']);
      expect(stderr.trimEnd().split('\n'), file).toHaveLength(1);
    }
    expect(place.qpoe('log', 'checkpoint').stdout.split('\n')[1]).toBe('1');
  });
});

describe('log serve and log audit', () => {
  /** The address, once it listens. */
  async function serve(place: Place): Promise<{ url: string; stop: () => Promise<number | null> }> {
    const child = place.start('log', 'serve', '--json', '-q');
    onTestFinished(() => void child.kill('SIGKILL'));
    const url = await new Promise<string>((resolve, reject) => {
      child.stdout!.once('data', (line) => resolve(JSON.parse(String(line)).url));
      child.once('exit', (code) => reject(new Error(`it ended with ${code}`)));
    });
    const stop = () =>
      new Promise<number | null>((resolve) => {
        child.removeAllListeners('exit').once('exit', resolve);
        child.kill('SIGTERM');
      });
    return { url, stop };
  }

  it('shows the log as it lies, and ends when it is told to', async () => {
    const place = placeWith(2);
    const { url, stop } = await serve(place);
    const checkpoint = await fetch(`${url}/checkpoint`);
    expect(await checkpoint.text()).toBe(readFileSync(place.path('.qpoe/log/checkpoint'), 'utf8'));
    expect((await fetch(`${url}/tile/0/000.p/2`)).headers.get('cache-control')).toContain('immutable');
    expect((await fetch(`${url}/../records`)).status).toBe(404);
    expect(await stop()).toBe(130);
  });

  it('finds that a log only grew, then that it was rolled back, and keeps the evidence', async () => {
    const place = placeWith(2);
    const vkey = JSON.parse(place.qpoe('log', 'checkpoint', '--json').stdout).vkey;
    const auditor = newPlace();
    const audit = (...from: string[]) => auditor.qpoe('log', 'audit', '--vkey', vkey, ...from);
    cpSync(place.path('.qpoe/log'), place.path('old'), { recursive: true });
    const { url, stop } = await serve(place);
    expect(audit('--url', url)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/: 2 entries, 2 of them new/),
    });
    place.qpoe('run', '--seed', '9');
    expect(audit('--url', url)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/: 3 entries, 1 of them new/),
    });
    await stop();
    const { code, stdout } = audit('--dir', place.path('old'));
    expect(code).toBe(1);
    const [, evidence] = /^BAD .*\n +evidence kept in (.*)\n/.exec(stdout)!;
    expect(readFileSync(join(evidence!, 'seen'), 'utf8').split('\n')[1]).toBe('3');
    expect(readFileSync(join(evidence!, 'shown'), 'utf8').split('\n')[1]).toBe('2');
    expect(audit('--dir', place.path('.qpoe/log')).code).toBe(0);
  });

  it('lists what is signed by one’s key and was not made in one’s store', () => {
    const place = placeWith(2);
    const audit = () => place.qpoe('log', 'audit', '--dir', '.qpoe/log');
    expect(audit()).toMatchObject({ code: 0 });
    rmSync(join(place.home, 'audits'), { recursive: true });
    const statement = place.path(p256(place)[0]!);
    renameSync(statement, place.path('elsewhere'));
    const found = {
      code: 1,
      stdout: expect.stringContaining('NOT MADE HERE  entry 0 is signed by your key'),
    };
    for (let i = 0; i < 3; i++) expect(audit()).toMatchObject(found);
    renameSync(place.path('elsewhere'), statement);
    expect(audit()).toMatchObject({ code: 0, stdout: expect.not.stringContaining('NOT MADE HERE') });
  });

  it('knows one’s statement by what it says, not by one of its two signatures', async () => {
    const place = placeWith(1);
    const statement = JSON.parse(readFileSync(place.path(p256(place)[0]!), 'utf8'));
    const { payload, payloadType, signatures } = statement.dsseEnvelope;
    const key = createPublicKey(readFileSync(join(place.home, 'identity/p256.pem'))).export({
      type: 'spki',
      format: 'der',
    });
    const rekord = {
      digest: sha256(pae(payloadType, Buffer.from(payload, 'base64'))),
      signature: twinOf(Buffer.from(signatures[0].sig, 'base64')),
      publicKey: new Uint8Array(key),
    };
    const { url, stop } = await serve(place);
    const entered = await fetch(`${url}/api/v2/log/entries`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(rekordRequest(rekord)),
    });
    expect(entered.status).toBe(201);
    await stop();
    expect(place.qpoe('log', 'audit', '--dir', '.qpoe/log')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/: 2 entries, 2 of them new/),
    });
  });

  it('does not listen where it can’t, and says so in one line', () => {
    const place = placeWith(1);
    for (const flags of [
      ['--port', '99999'],
      ['--port', '-1'],
      ['--port', 'abc'],
      ['--host', ''],
    ]) {
      const { code, stdout, stderr } = place.qpoe('log', 'serve', ...flags);
      expect([code, stdout], flags.join(' ')).toEqual([2, '']);
      expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    }
  });

  it('says in one line what it can’t follow', () => {
    const place = placeWith(1);
    for (const flags of [
      [],
      ['--url', 'ftp://x'],
      ['--url', 'http://127.0.0.1:1'],
      ['--dir', 'none'],
      ['--dir', '.', '--vkey', 'x'],
    ]) {
      const { code, stdout, stderr } = place.qpoe('log', 'audit', ...flags);
      expect([2, 4], flags.join(' ')).toContain(code);
      expect(stdout).toBe('');
      expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    }
  });
});

/** (r, n−s) of a DER signature (r, s): as valid, and anyone can make it. */
function twinOf(der: Uint8Array): Bytes {
  const n = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const raw = Buffer.from(fromDer(new Uint8Array(der))!);
  const s = n - BigInt(`0x${toHex(raw.subarray(32))}`);
  raw.write(s.toString(16).padStart(64, '0'), 32, 'hex');
  return toDer(new Uint8Array(raw));
}

describe('bundle', () => {
  it('puts record, artifacts and statements with their proofs into one file that verifies anywhere', () => {
    const place = placeWith(1);
    const made = place.qpoe('bundle', 'last', '--out', 'job.qpoe.json');
    expect([made.code, made.stdout.split('\n')[0]]).toEqual([
      0,
      expect.stringMatching(/^bundle {2}job\.qpoe\.json, \d+ bytes$/),
    ]);
    const bundle = JSON.parse(readFileSync(place.path('job.qpoe.json'), 'utf8'));
    expect([bundle.statements.length, bundle.keys.length, Object.keys(bundle.artifacts).length]).toEqual([
      2, 3, 2,
    ]);
    const own = place.qpoe('verify', 'job.qpoe.json');
    expect([own.code, own.stdout.split('\n')[0]]).toEqual([
      0,
      expect.stringMatching(/^PASS: signed by "me"/),
    ]);

    const reviewer = newPlace();
    writeFileSync(reviewer.path('job.qpoe.json'), readFileSync(place.path('job.qpoe.json')));
    expect(reviewer.qpoe('verify', 'job.qpoe.json').code).toBe(3);
    const { fingerprint, record_key: recordKey } = JSON.parse(place.qpoe('init', '--json', '-q').stdout);
    for (const printed of [fingerprint, recordKey])
      expect(reviewer.qpoe('verify', '--signer', printed, 'job.qpoe.json').code).toBe(0);
    expect(reviewer.qpoe('verify', '--integrity-only', 'job.qpoe.json').stdout).toMatch(/^INTACT: /);
  });

  it('is the same bytes each time, and stands under the record’s id without --out', () => {
    const place = placeWith(1);
    place.qpoe('bundle', '--out', 'a.json');
    expect(place.qpoe('bundle').code).toBe(0);
    const [file] = place.files().filter((name) => name.endsWith('.qpoe.json'));
    expect(readFileSync(place.path(file!))).toEqual(readFileSync(place.path('a.json')));
  });

  it('says what it lacks', () => {
    const place = newPlace();
    place.qpoe('run', '--record-only');
    rmSync(place.path('.qpoe/objects'), { recursive: true });
    const { code, stderr } = place.qpoe('bundle', '--out', 'a.json');
    expect(code).toBe(0);
    expect(stderr).toMatch(/by digest alone .*: sha256:.*, sha256:/);
    expect(stderr).toContain('no statements: `qpoe attest statement` makes them');
    expect(place.qpoe('verify', 'a.json').code).toBe(0);
  });

  it('refuses to be made of a statement that was edited', () => {
    const place = placeWith(1);
    const [file] = p256(place);
    const text = readFileSync(place.path(file!), 'utf8');
    writeFileSync(place.path(file!), text.replace('"logIndex":"0"', '"logIndex":"1"'));
    expect(place.qpoe('bundle', '--out', 'a.json')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('the bundle would not verify: log.inclusion'),
    });
    expect(place.files()).not.toContain('a.json');
  });

  it('carries the receipt that the record names', () => {
    const place = newPlace();
    const git = (...args: string[]) =>
      spawnSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.c', ...args], { cwd: place.folder });
    git('init', '-q');
    git('commit', '-q', '--allow-empty', '-m', 'first');
    const { receipt_id: id } = JSON.parse(place.qpoe('attest', 'receipt', '--json', '-q').stdout);
    place.qpoe('run', '--receipt', id);
    expect(place.qpoe('bundle', '--out', 'a.json').code).toBe(0);
    const { code, stdout } = place.qpoe('verify', 'a.json');
    expect(code).toBe(0);
    expect(stdout).toMatch(/pass {4}receipt\.signer/);
  });
});
