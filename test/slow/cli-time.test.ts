/** Others' clocks at the command line: witnesses, time stamps, and what a signer's window makes of them. */

import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { newPlace, type Place } from '../cli.ts';
import { NO_OPENSSL, opensslAuthority, serveTimestamps, startAuthority } from '../openssl-authority.ts';
import { startRekor } from '../rekor-service.ts';
import { run, serve } from '../running.ts';

function vkeyOf(place: Place): string {
  return JSON.parse(place.qpoe('log', 'checkpoint', '--json').stdout).vkey;
}

/** A lab with a record, whose log `count` others witness. */
async function witnessedLab(count: number, quorum: number) {
  const place = newPlace();
  expect(place.qpoe('run').code).toBe(0);
  const vkey = vkeyOf(place);
  const witnesses = [];
  for (let n = 0; n < count; n++)
    witnesses.push(
      await serve(newPlace(), 'log', 'witness', 'serve', '--log', vkey, '--name', `w${n}.example.org`),
    );
  const policy = join(place.home, 'trust.toml');
  const keys = witnesses.map((witness) => `"${witness.vkey}"`).join(', ');
  writeFileSync(
    policy,
    readFileSync(policy, 'utf8').replace(
      /vkey = .*\n$/,
      (line) => `${line}witnesses = [${keys}]\nquorum = ${quorum}\n`,
    ),
  );
  const flags = witnesses.flatMap(({ vkey: key, url }) => ['--witness', `${key!.split('+')[0]}=${url}`]);
  return { place, policy, flags };
}

describe('witnesses', () => {
  it('cosign, date the statements that have no quorum yet, and the bundle says by when it existed', async () => {
    const { place, flags } = await witnessedLab(2, 2);
    const cosigned = place.qpoe('log', 'cosign', ...flags);
    expect(cosigned.stdout).toMatch(
      /^cosigned {2}w\d\.example\.org at .*Z\ncosigned .*\nreached {3}2 of a quorum of 2, .* at 1 entry\ndated {5}1 statement that/,
    );
    expect(cosigned.code).toBe(0);
    place.qpoe('bundle', '--out', 'a.json');
    const { code, stdout } = place.qpoe('verify', 'a.json');
    expect(code).toBe(0);
    expect(stdout).toMatch(/pass {4}log\.witnesses .*\n +w\d.example.org, w\d.example.org; existed by 20/);
    expect(stdout).toMatch(/pass {4}time\.existed_by .*\n +existed by 20.*Z, on the word of 2 witnesses of /);
    const earliest = readFileSync(place.path('a.json'));
    place.qpoe('run', '--seed', '2');
    expect(place.qpoe('log', 'cosign', ...flags).stdout).toContain('dated     1 statement that');
    const [older] = JSON.parse(place.qpoe('list', '--json').stdout).records.slice(-1);
    place.qpoe('bundle', older.record_id, '--out', 'a.json');
    expect(readFileSync(place.path('a.json'))).toEqual(earliest);
  });

  it('are required where the policy says so, and one alone is no quorum of two', async () => {
    const { place, policy, flags } = await witnessedLab(2, 2);
    appendFileSync(policy, '[require.bundle]\nwitnesses = true\nlog = true\n');
    place.qpoe('bundle', '--out', 'a.json');
    expect(place.qpoe('verify', 'a.json').stdout).toMatch(/^INCOMPLETE: log\.witnesses\n/);
    const one = place.qpoe('log', 'cosign', ...flags.slice(0, 2));
    expect([one.code, one.stdout]).toEqual([4, expect.stringContaining('NOT REACHED   1 of a quorum of 2')]);
    place.qpoe('bundle', '--out', 'a.json');
    expect(place.qpoe('verify', 'a.json').code).toBe(3);
    expect(place.qpoe('log', 'cosign', ...flags).code).toBe(0);
    place.qpoe('bundle', '--out', 'a.json');
    expect(place.qpoe('verify', 'a.json').code).toBe(0);
  });

  it('let a signer whose key expired still verify, and no one without a date', async () => {
    const { place, policy, flags } = await witnessedLab(1, 1);
    place.qpoe('bundle', '--out', 'undated.json');
    place.qpoe('log', 'cosign', ...flags);
    place.qpoe('bundle', '--out', 'dated.json');
    const text = readFileSync(policy, 'utf8');
    const windowed = (line: string) =>
      writeFileSync(policy, text.replace('name = "me"', `name = "me"\n${line}`));
    const verdicts = () => ['undated.json', 'dated.json'].map((file) => place.qpoe('verify', file).code);
    windowed('not_after = 2099-01-01T00:00:00Z');
    expect(verdicts()).toEqual([3, 0]);
    windowed('not_after = 2020-01-01T00:00:00Z');
    expect(verdicts()).toEqual([3, 3]);
    windowed('revoked_at = 2020-01-01T00:00:00Z');
    expect(verdicts()).toEqual([3, 3]);
    windowed('not_before = 2020-01-01T00:00:00Z');
    expect(verdicts()).toEqual([3, 0]);
    writeFileSync(policy, `${text}[require.bundle]\nexisted_by = 2099-01-01T00:00:00Z\n`);
    expect(verdicts()).toEqual([3, 0]);
    writeFileSync(policy, `${text}[require.bundle]\nexisted_by = 2020-01-01T00:00:00Z\n`);
    expect(verdicts()).toEqual([3, 3]);
  });

  it('are asked for in one line where they are missing or unknown', () => {
    const place = newPlace();
    place.qpoe('run');
    for (const flags of [[], ['--witness', 'x'], ['--witness', 'x=http://127.0.0.1:1']])
      expect(place.qpoe('log', 'cosign', ...flags)).toMatchObject({
        code: 2,
        stdout: '',
        stderr: expect.stringMatching(/^qpoe: .*\n$/),
      });
    expect(newPlace().qpoe('log', 'witness', 'serve')).toMatchObject({ code: 2 });
  });
});

describe('log cosign', () => {
  const p256 = (place: Place) =>
    place
      .files()
      .filter((file) => file.includes('/p256-'))
      .map((file) => place.path(file));

  it('dates the statements that the cosigned tree holds where the log grew meanwhile', async () => {
    const { place, flags } = await witnessedLab(1, 1);
    const [name, url] = flags[1]!.split('=') as [string, string];
    const [first] = p256(place);
    let asked = 0;
    const between = createServer(async (request, response) => {
      if (asked++ === 0) expect(place.qpoe('run', '--seed', '2').code).toBe(0);
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const body = Buffer.concat(chunks);
      const answer = await fetch(`${url}${request.url}`, { method: 'POST', body });
      response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type')! });
      response.end(await answer.text());
    });
    await new Promise<void>((resolve) => between.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void between.close());
    const { port } = between.address() as AddressInfo;
    const grown = await run(place, 'log', 'cosign', '--witness', `${name}=http://127.0.0.1:${port}`);
    expect(grown).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^reached .* at 1 entry\ndated {5}1 statement that/m),
      stderr: expect.stringContaining('the log grew meanwhile: the cosigned checkpoint was not published'),
    });
    expect(readFileSync(first!, 'utf8')).toContain(`— ${name} `);
    expect(place.qpoe('verify', first!).stdout).toMatch(/pass {4}log\.witnesses/);
    expect(place.qpoe('log', 'checkpoint').stdout).not.toContain(`— ${name} `);
  });

  it('dates the others where a statement can’t be read, and then fails', async () => {
    const { place, flags } = await witnessedLab(1, 1);
    place.qpoe('run', '--seed', '2');
    const [bad, good] = p256(place);
    const text = readFileSync(bad!, 'utf8');
    writeFileSync(bad!, '{');
    const { code, stdout, stderr } = place.qpoe('log', 'cosign', '--json', ...flags);
    expect([code, stderr]).toEqual([2, '']);
    expect(JSON.parse(stdout)).toMatchObject({
      reached: true,
      dated: 1,
      not_dated: [{ path: expect.stringContaining('/p256-'), code: 'usage' }],
    });
    expect(place.qpoe('verify', good!).stdout).toMatch(/pass {4}log\.witnesses/);
    expect(place.qpoe('log', 'cosign', ...flags)).toMatchObject({
      code: 2,
      stdout: expect.stringMatching(/^reached .*\nNOT DATED .*\/p256-/m),
    });
    writeFileSync(bad!, text);
    expect(place.qpoe('log', 'cosign', ...flags).code).toBe(0);
  });

  it('makes no log where there is none', () => {
    const place = newPlace();
    place.qpoe('run', '--record-only');
    expect(place.qpoe('log', 'cosign')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no log at'),
    });
    expect(place.files().filter((file) => file.includes('.qpoe/log'))).toEqual([]);
  });
});

describe('log witness serve --prefix', () => {
  it('is said once, and is empty or a path', async () => {
    const lab = newPlace();
    lab.qpoe('run');
    const place = newPlace();
    const log = ['log', 'witness', 'serve', '--log', vkeyOf(lab)];
    const { url } = await serve(place, ...log, '--prefix', '/a/b');
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/a\/b$/);
    expect((await fetch(`${url}/add-checkpoint`)).status).toBe(405);
    for (const prefix of ['w', '/w/', '/', '/w?x', '//w'])
      expect(place.qpoe(...log, '--prefix', prefix), prefix).toMatchObject({
        code: 2,
        stdout: '',
        stderr: expect.stringMatching(/^qpoe: --prefix .*\n$/),
      });
  });
});

describe('policy add-log', () => {
  it('adds a log with its witnesses, once, and refuses what can’t be met', async () => {
    const place = newPlace();
    place.qpoe('init');
    const other = newPlace();
    other.qpoe('run');
    const vkey = vkeyOf(other);
    expect(place.qpoe('policy', 'add-log', vkey, '--quorum', '2')).toMatchObject({ code: 2 });
    expect(place.qpoe('policy', 'add-log', vkey)).toMatchObject({ code: 0, stdout: `added ${vkey}\n` });
    expect(place.qpoe('policy', 'add-log', vkey)).toMatchObject({ code: 2 });
    expect(place.qpoe('policy', 'add-log')).toMatchObject({ code: 2 });
    const { vkey: witness } = await serve(place, 'log', 'witness', 'serve');
    const tlog = newPlace();
    tlog.qpoe('init');
    writeFileSync(tlog.path('policy'), `log ${vkey}\nwitness w ${witness}\nquorum w\n`);
    expect(tlog.qpoe('policy', 'add-log', '--tlog-policy', 'policy').stdout).toBe(
      `added ${vkey}, 1 of 1 witnesses\n`,
    );
    expect(readFileSync(join(tlog.home, 'trust.toml'), 'utf8')).toContain(
      `witnesses = ["${witness}"]\nquorum = 1\n`,
    );
    // A log that stands there without witnesses, as one's own does, gets them.
    expect(place.qpoe('policy', 'add-log', vkey, '--witness', witness!)).toMatchObject({ code: 0 });
    expect(readFileSync(join(place.home, 'trust.toml'), 'utf8').split(vkey)).toHaveLength(2);
    expect(place.qpoe('policy', 'add-log', vkey, '--witness', witness!)).toMatchObject({ code: 2 });
  });
});

describe.skipIf(NO_OPENSSL !== undefined)(
  `bundle --timestamp${NO_OPENSSL === undefined ? '' : ` (${NO_OPENSSL})`}`,
  () => {
    it('stamps once, keeps the stamp with the statement, and the bundle verifies by the policy’s authority', async () => {
      const { url, certificate } = await startAuthority();
      const place = newPlace();
      place.qpoe('run');
      const policy = join(place.home, 'trust.toml');
      const text = readFileSync(policy, 'utf8');
      const unknown = await run(place, 'bundle', '--timestamp', url, '--out', 'a.json');
      expect([unknown.code, unknown.stderr]).toEqual([
        0,
        expect.stringContaining('stamped by an authority that your policy lacks'),
      ]);
      expect(place.qpoe('verify', 'a.json').stdout).toMatch(/unknown time\.stamp/);
      const first = readFileSync(place.path('a.json'));
      await run(place, 'bundle', '--timestamp', url, '--out', 'b.json');
      expect(readFileSync(place.path('b.json'))).toEqual(first);
      writeFileSync(policy, `${text}[[timestamp_authority]]\ncertificate = "${certificate}"\n`);
      const { code, stdout } = place.qpoe('verify', 'a.json');
      expect(code).toBe(0);
      expect(stdout).toMatch(/pass {4}time\.existed_by .*\n.*on the word of the authority in /);
      const bundle = JSON.parse(first.toString());
      expect(bundle.timestamps).toHaveLength(1);
      bundle.timestamps[0].over = `sha256:${'0'.repeat(64)}`;
      writeFileSync(place.path('stray.json'), JSON.stringify(bundle));
      expect(place.qpoe('verify', 'stray.json').stdout).toMatch(/^FAIL: time\.stamp\n/);
    });

    it('keeps what `log cosign` wrote while the authority was asked', async () => {
      const { place, flags } = await witnessedLab(1, 1);
      const root = mkdtempSync(join(tmpdir(), 'qpoe-tsa-'));
      onTestFinished(() => rmSync(root, { recursive: true, force: true }));
      const openssl = opensslAuthority(root);
      openssl.certify('root', { extensions: 'root' });
      openssl.certify('tsa', { extensions: 'tsa', issuer: 'root' });
      const service = await serveTimestamps((query) => {
        expect(place.qpoe('log', 'cosign', ...flags).stdout).toContain('dated     1 statement');
        return openssl.stamp(query, { signer: 'tsa' });
      });
      onTestFinished(() => service.close());
      expect((await run(place, 'bundle', '--timestamp', service.url, '--out', 'a.json')).code).toBe(0);
      const { stdout } = place.qpoe('verify', 'a.json');
      expect(stdout).toMatch(/pass {4}log\.witnesses/);
      expect(stdout).toMatch(/unknown time\.stamp/);
    });

    it('fails in one line where the authority is away or answers nonsense, and loses nothing', async () => {
      const place = newPlace();
      place.qpoe('run');
      const service = await serveTimestamps(() => Buffer.from('<html>'));
      onTestFinished(() => service.close());
      for (const url of [service.url, 'ftp://x'])
        expect(await run(place, 'bundle', '--timestamp', url, '--out', 'a.json')).toMatchObject({
          code: expect.toSatisfy((code: number) => code === 2 || code === 4),
          stdout: '',
          stderr: expect.stringMatching(/^qpoe: .*\n$/),
        });
      expect(place.qpoe('bundle', '--out', 'a.json').code).toBe(0);
      expect(place.qpoe('verify', 'a.json').code).toBe(0);
    });
  },
);

describe('log append --rekor-url', () => {
  it.each(['v1', 'v2'] as const)(
    'enters a statement into a Rekor %s once, and v1 dates it',
    async (version) => {
      const rekor = await startRekor(version);
      onTestFinished(() => rekor.close());
      const place = newPlace();
      place.qpoe('run');
      const [statement] = place.files().filter((file) => file.includes('/p256-'));
      const append = () =>
        run(place, 'log', 'append', statement!, '--rekor-url', rekor.url, '--rekor-version', version);
      expect(await append()).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('no trusted root names a Rekor'),
      });
      writeFileSync(join(place.home, 'rekor.json'), rekor.trustedRoot);
      appendFileSync(join(place.home, 'trust.toml'), '[[log]]\ntrusted_root = "rekor.json"\n');
      expect(await append()).toMatchObject({ code: 0, stdout: expect.stringMatching(/^entry \d+ of /) });
      expect(await append()).toMatchObject({ code: 0, stdout: expect.stringContaining('there already') });
      // One that was there before, and this.
      expect(rekor.entries).toHaveLength(2);
      place.qpoe('bundle', '--out', 'a.json');
      const { code, stdout } = place.qpoe('verify', 'a.json');
      expect(code).toBe(0);
      expect(stdout.match(/pass {4}log\.checkpoint/g)).toHaveLength(2);
      if (version === 'v1') expect(stdout).toMatch(/pass {4}time\.existed_by/);
      else expect(stdout).not.toContain('time.existed_by');
    },
  );

  /** A witnessed lab whose statement goes to a Rekor that does something `meanwhile`. */
  async function appendWhile(meanwhile: (place: Place, file: string, flags: readonly string[]) => void) {
    const rekor = await startRekor('v2');
    onTestFinished(() => rekor.close());
    const { place, policy, flags } = await witnessedLab(1, 1);
    writeFileSync(join(place.home, 'rekor.json'), rekor.trustedRoot);
    appendFileSync(policy, '[[log]]\ntrusted_root = "rekor.json"\n');
    const [name] = place.files().filter((file) => file.includes('/p256-'));
    const file = place.path(name!);
    rekor.edit = () => meanwhile(place, file, flags);
    const appended = await run(
      place,
      ...['log', 'append', file, '--rekor-url', rekor.url, '--rekor-version', 'v2'],
    );
    return { place, file, appended };
  }

  it('keeps what `log cosign` wrote while the Rekor was asked', async () => {
    const { place, file, appended } = await appendWhile((lab, _, flags) =>
      expect(lab.qpoe('log', 'cosign', ...flags).stdout).toContain('dated     1 statement'),
    );
    expect(appended.code).toBe(0);
    const { stdout } = place.qpoe('verify', file);
    expect(stdout.match(/pass {4}log\.checkpoint/g)).toHaveLength(2);
    expect(stdout).toMatch(/pass {4}log\.witnesses/);
  });

  it('refuses a file that holds another envelope by then, and leaves it', async () => {
    const other = { payload: 'e30=' };
    const { file, appended } = await appendWhile((_, path) => {
      const bundle = JSON.parse(readFileSync(path, 'utf8'));
      Object.assign(bundle.dsseEnvelope, other);
      writeFileSync(path, JSON.stringify(bundle));
    });
    expect(appended).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('was changed meanwhile; run it again'),
    });
    const { dsseEnvelope, verificationMaterial } = JSON.parse(readFileSync(file, 'utf8'));
    expect(dsseEnvelope).toMatchObject(other);
    expect(verificationMaterial.tlogEntries).toHaveLength(1);
  });
});
