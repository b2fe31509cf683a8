/** Statements and receipts at the command line: command, what it printed, its exit code, the files left behind. */

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newPlace, type Place } from './cli.ts';
import { describeVectors, readVector } from './shared-vectors.ts';

const ID = '[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}';

function statements(place: Place): string[] {
  return place.files().filter((file) => file.includes('/statements/'));
}

describe('run', () => {
  it('states the record it makes, and both statements verify', () => {
    const place = newPlace();
    const { code, stdout } = place.qpoe('run');
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`\nstated  by P-256 and ML-DSA-65, in .qpoe/statements/${ID}\n`));
    const files = statements(place);
    expect(files).toHaveLength(2);
    for (const file of files) {
      const verified = place.qpoe('verify', file);
      expect([verified.code, verified.stderr]).toEqual([0, '']);
      expect(verified.stdout).toMatch(/^PASS: signed by "me"/);
      expect(verified.stdout).toMatch(/pass {4}statement\.subject/);
    }
  });

  it('makes none with --record-only, and none of an unsigned record', () => {
    for (const flag of ['--record-only', '--unsigned']) {
      const place = newPlace();
      expect(place.qpoe('run', flag).code).toBe(0);
      expect(statements(place)).toEqual([]);
    }
  });

  it('says why there are none where --key signs and there is no identity', () => {
    const place = newPlace();
    writeFileSync(place.path('key'), Buffer.alloc(32, 7).toString('base64'), { mode: 0o600 });
    const { code, stderr } = place.qpoe('run', '--key', 'key');
    expect(code).toBe(0);
    expect(stderr).toContain(`no statements: ${place.home} holds no identity; \`qpoe init\` makes one\n`);
    expect(statements(place)).toEqual([]);
  });
});

describe('attest statement', () => {
  it('states an older record, once', () => {
    const place = newPlace();
    place.qpoe('run', '--record-only');
    const first = place.qpoe('attest', 'statement', 'last', '--out', 'p256.sigstore.json');
    expect(first.code).toBe(0);
    const files = statements(place);
    expect(files).toHaveLength(2);
    const before = files.map((file) => readFileSync(place.path(file)));
    expect(readFileSync(place.path('p256.sigstore.json'))).toEqual(before[1]);
    const second = place.qpoe('attest', 'statement', 'last');
    expect([second.code, second.stderr]).toEqual([0, 'these keys had signed it before; nothing changed\n']);
    expect(statements(place).map((file) => readFileSync(place.path(file)))).toEqual(before);
  });

  it('adds to what another identity signed, once one trusts who signed the record', () => {
    const place = newPlace();
    place.qpoe('run');
    const other = join(place.home, 'other');
    const attest = () => place.qpoe('attest', 'statement', 'last', '--home', other);
    place.qpoe('init', '--home', other);
    expect(attest()).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/is signed by key sha256:.*, which is not in .*trust\.toml/),
    });
    const [key] = /ed25519 = ".*"/.exec(readFileSync(join(place.home, 'trust.toml'), 'utf8'))!;
    appendFileSync(join(other, 'trust.toml'), `\n[[signer]]\nname = "them"\n${key}\n`);
    expect(attest().code).toBe(0);
    expect(statements(place)).toHaveLength(4);
  });

  it('refuses where another file lies under a statement’s name, and signs nothing with it', () => {
    const place = newPlace();
    place.qpoe('run');
    place.qpoe('run', '--seed', '2');
    const [first, second] = statements(place).filter((file) => file.includes('p256-'));
    copyFileSync(place.path(second!), place.path(first!));
    const id = first!.split('/').at(-2)!;
    const { code, stderr } = place.qpoe('attest', 'statement', id, '--out', 's.json');
    expect([code, stderr]).toEqual([2, expect.stringContaining('is not the statement that it is named for')]);
    expect(place.files()).not.toContain('s.json');
  });

  it('refuses a record that was edited, or that no one signed', () => {
    const place = newPlace();
    place.qpoe('run', '--record-only');
    const [path] = place.files().filter((file) => file.includes('/records/'));
    writeFileSync(
      place.path(path!),
      readFileSync(place.path(path!), 'utf8').replace('"seed": 1234', '"seed": 1235'),
    );
    expect(place.qpoe('attest', 'statement', 'last')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/does not verify: record\.hash: .*; nothing was signed; /),
    });
    const unsigned = newPlace();
    unsigned.qpoe('run', '--unsigned');
    expect(unsigned.qpoe('attest', 'statement', 'last')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('is unsigned: no one vouched for it when it ran'),
    });
    expect([...statements(place), ...statements(unsigned)]).toEqual([]);
  });

  it('by a certificate needs a token, and services only then', () => {
    const place = newPlace();
    place.qpoe('run', '--record-only');
    expect(place.qpoe('attest', 'statement', 'last', '--keyless')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no identity token here to sign with'),
    });
    expect(place.qpoe('attest', 'statement', 'last', '--fulcio-url', 'https://x.example')).toMatchObject({
      code: 2,
      stderr: 'qpoe: a token and Sigstore services are for --keyless; add it, or leave them out\n',
    });
    expect(statements(place)).toEqual([]);
  });
});

function git(place: Place, ...args: string[]): void {
  const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org'];
  expect(spawnSync('git', [...identity, ...args], { cwd: place.folder }).status).toBe(0);
}

function commit(place: Place, message: string): void {
  git(place, 'init', '-q', '-b', 'main');
  git(place, 'commit', '-q', '--allow-empty', '-m', message);
}

describe('attest receipt', () => {
  it('makes one of what is declared, and the run names it', () => {
    const place = newPlace();
    commit(place, 'first\n\nCo-authored-by: Claude <noreply@anthropic.com>');
    writeFileSync(place.path('run.py'), 'print(1)\n');
    const made = place.qpoe(
      'attest',
      'receipt',
      '--manifest',
      'run.py',
      '--declare-ai',
      'tool=cursor',
      '--out',
      'r.json',
    );
    expect(made.code).toBe(0);
    expect(made.stdout).toMatch(
      /^receipt {3}g1-[0-9a-f]{32}\ncommit {4}[0-9a-f]{40}\ndeclared {2}ai_assisted: trailer:co-authored-by:claude, declared-by-person:tool=cursor\nmanifest {2}sha256:[0-9a-f]{64}, 1 file\nstatement sha256:/,
    );
    const [id] = /g1-[0-9a-f]{32}/.exec(made.stdout)!;
    expect(JSON.parse(readFileSync(place.path('r.json'), 'utf8')).receipt_id).toBe(id);
    const files = place.files().filter((file) => file.includes('/receipts/'));
    expect(files).toHaveLength(2);
    for (const file of files) {
      const { code, stdout } = place.qpoe('verify', file);
      expect(code).toBe(0);
      expect(stdout).toMatch(/pass {4}receipt\.subject .*\n.*, and workload-manifest sha256 /);
    }
    expect(place.qpoe('run', '--receipt', id.slice(0, 12), '--out', 'q.json').code).toBe(0);
    const { source } = JSON.parse(readFileSync(place.path('q.json'), 'utf8'));
    expect(source.receipt).toEqual({ receipt_id: id, statement: /statement (\S+)/.exec(made.stdout)![1] });
    expect(place.qpoe('verify', 'q.json').code).toBe(0);
  });

  it('makes the same one once, and another for another declaration', () => {
    const place = newPlace();
    commit(place, 'first');
    const first = place.qpoe('attest', 'receipt').stdout;
    expect(place.qpoe('attest', 'receipt').stdout).toBe(first);
    expect(place.qpoe('attest', 'receipt', '--declare-ai', 'tool=x').stdout).not.toBe(first);
  });

  it('bare is integrity only, and says so', () => {
    const place = newPlace();
    commit(place, 'first');
    place.qpoe('attest', 'receipt', '--out', 'r.json');
    const { code, stdout } = place.qpoe('verify', 'r.json');
    expect(code).toBe(3);
    expect(stdout).toContain('integrity only: anyone could have written it');
    expect(place.qpoe('verify', '--integrity-only', 'r.json').code).toBe(0);
  });

  it.each<[string, (place: Place) => void, string[], number, RegExp]>([
    ['no repository', () => undefined, [], 2, /no git repository/],
    ['no commits', (place) => git(place, 'init', '-q'), [], 2, /no commit/],
    ['no such commit', (place) => commit(place, 'first'), ['nowhere'], 2, /nowhere/],
    [
      'a declaration that is none',
      (place) => commit(place, 'first'),
      ['--declare-ai', 'yes'],
      2,
      /tool=NAME/,
    ],
    ['a manifest of nothing', (place) => commit(place, 'first'), ['--manifest', 'none.py'], 2, /none\.py/],
    [
      'a manifest that leads out',
      (place) => commit(place, 'first'),
      ['--manifest', '/etc/hostname'],
      2,
      /can't stand in a manifest/,
    ],
    [
      'a shallow clone',
      (place) => {
        const from = newPlace();
        commit(from, 'first');
        git(from, 'commit', '-q', '--allow-empty', '-m', 'second');
        git(place, 'clone', '-q', '--depth', '1', `file://${from.folder}`, '.');
      },
      [],
      2,
      /git fetch --unshallow/,
    ],
  ])('refuses %s in one line', (_, prepare, flags, code, message) => {
    const place = newPlace();
    prepare(place);
    const result = place.qpoe('attest', 'receipt', ...flags);
    expect([result.code, result.stdout]).toEqual([code, '']);
    expect(result.stderr).toMatch(message);
    expect(result.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(place.files().filter((file) => file.includes('/receipts/'))).toEqual([]);
  });

  it('takes a detached head, and a name that isn’t UTF-8', () => {
    const place = newPlace();
    commit(place, 'first');
    git(place, '-c', 'user.name=\u00c4d\u00e4', 'commit', '-q', '--allow-empty', '-m', 'second');
    git(place, 'checkout', '-q', '--detach');
    expect(place.qpoe('attest', 'receipt').code).toBe(0);
  });
});

describe('run --receipt', () => {
  it('refuses a receipt that isn’t there, and one that isn’t intact', () => {
    const place = newPlace();
    commit(place, 'first');
    expect(place.qpoe('run', '--receipt', 'g1-00')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no receipt "g1-00" in .qpoe'),
    });
    place.qpoe('attest', 'receipt', '--out', 'r.json');
    const text = readFileSync(place.path('r.json'), 'utf8');
    writeFileSync(place.path('r.json'), text.replace('"files_changed": 0', '"files_changed": 1'));
    expect(place.qpoe('run', '--receipt', 'r.json')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('r.json does not hold one receipt that is intact'),
    });
  });
});

const SIGNED = 'aiir/signed/receipt_25efd95ac696_a256d63a8ac45ea8.json';
const POLICY = `version = 1
[[keyless]]
identity = "https://github.com/invariant-systems-ai/aiir/.github/workflows/dogfood.yml@refs/heads/main"
issuer = "https://token.actions.githubusercontent.com"
trusted_root = "public-good"
signs = ["receipt"]
`;

describeVectors('a real receipt signed with a certificate', SIGNED, () => {
  function withReceipt(): Place {
    const place = newPlace();
    writeFileSync(place.path('receipt.json'), readVector(SIGNED));
    writeFileSync(place.path('receipt.json.sigstore'), readVector(`${SIGNED}.sigstore`));
    writeFileSync(place.path('policy.toml'), POLICY);
    return place;
  }

  it('passes with the identity in the policy, from either file', () => {
    const place = withReceipt();
    for (const file of ['receipt.json', 'receipt.json.sigstore']) {
      const { code, stdout } = place.qpoe('verify', '--policy', 'policy.toml', file);
      expect(stdout).toMatch(/^PASS: signed by https:\/\/github\.com\/invariant-systems-ai\/aiir/);
      expect(code).toBe(0);
    }
  });

  it.each([
    ['another identity', POLICY.replace('dogfood', 'other')],
    ['another issuer', POLICY.replace('token.actions', 'other')],
    ['another use', POLICY.replace('"receipt"', '"record"')],
    ['no one', 'version = 1\n'],
  ])('is of an unknown signer where the policy names %s', (_, policy) => {
    const place = withReceipt();
    writeFileSync(place.path('policy.toml'), policy);
    expect(place.qpoe('verify', '--policy', 'policy.toml', 'receipt.json').code).toBe(3);
  });

  it('fails with its extensions edited, with another’s signature, or with a signature that is none', () => {
    const place = withReceipt();
    const text = readFileSync(place.path('receipt.json'), 'utf8');
    const verify = () => place.qpoe('verify', '--policy', 'policy.toml', 'receipt.json').code;
    writeFileSync(place.path('receipt.json'), text.replace('"extensions": {', '"extensions": {"a": 1, '));
    expect(readFileSync(place.path('receipt.json'), 'utf8')).not.toBe(text);
    expect(verify()).toBe(1);
    writeFileSync(place.path('receipt.json'), text);
    expect(verify()).toBe(0);
    writeFileSync(
      place.path('receipt.json.sigstore'),
      readVector('aiir/signed/receipt_304b4b8f36f2_a25604dd5dfcaa1f.json.sigstore'),
    );
    expect(verify()).toBe(1);
    writeFileSync(place.path('receipt.json.sigstore'), '{}');
    expect(verify()).toBe(1);
  });

  it('is refused by a run where its signature doesn’t hold, and kept with the one that did', () => {
    const place = withReceipt();
    expect(place.qpoe('run', '--receipt', 'receipt.json').code).toBe(0);
    writeFileSync(place.path('receipt.json.sigstore'), 'garbage');
    expect(place.qpoe('run', '--receipt', 'receipt.json')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('FAIL: receipt.signature'),
    });
    expect(place.qpoe('verify', '--policy', 'policy.toml', '.qpoe/receipts').code).toBe(0);
  });

  it('isn’t read through a link', () => {
    const place = withReceipt();
    symlinkSync('receipt.json', place.path('link.json'));
    expect(place.qpoe('verify', 'link.json')).toMatchObject({
      code: 2,
      stdout: expect.stringContaining('link.json is a link; name the receipt itself'),
    });
  });

  it('is taken by a run as it came, with its signature', () => {
    const place = withReceipt();
    expect(place.qpoe('run', '--receipt', 'receipt.json', '--out', 'q.json').code).toBe(0);
    const kept = place.files().filter((file) => file.includes('/receipts/'));
    expect(kept.map((file) => file.split('/').at(-1))).toEqual(['receipt.json', 'receipt.json.sigstore']);
    expect(place.qpoe('verify', '--policy', 'policy.toml', '.qpoe/receipts').code).toBe(0);
    expect(readFileSync(place.path(kept[0]!))).toEqual(readVector(SIGNED));
    const { source } = JSON.parse(readFileSync(place.path('q.json'), 'utf8'));
    expect(source.receipt.file).toMatch(/^sha256:/);
    expect(source.receipt.statement).toBeUndefined();
  });
});

describe('what someone put into the store', () => {
  it('is never signed: a receipt’s statement is made anew where no signature of ours holds', () => {
    const place = newPlace();
    commit(place, 'first');
    const first = JSON.parse(place.qpoe('attest', 'receipt', '--json', '-q').stdout);
    const text = readFileSync(place.path(first.statements[0]), 'utf8');
    const { dsseEnvelope, ...rest } = JSON.parse(text);
    const payload = Buffer.from(dsseEnvelope.payload, 'base64').toString();
    const forged = Buffer.from(
      payload.replace(/"timestamp":"[^"]*"/, '"timestamp":"1999, approved by NIST"'),
    );
    const folder = place.path('.qpoe/receipts', createHash('sha256').update(forged).digest('hex'));
    mkdirSync(folder);
    for (const name of ['a.sigstore.json', first.statements[0].split('/').at(-1)])
      writeFileSync(
        join(folder, name),
        JSON.stringify({ ...rest, dsseEnvelope: { ...dsseEnvelope, payload: forged.toString('base64') } }),
      );
    for (const path of first.statements) rmSync(place.path(path));
    const again = place.qpoe('attest', 'receipt', '--json', '-q');
    expect(again.code).toBe(0);
    expect(readFileSync(place.path(JSON.parse(again.stdout).statements[0]), 'utf8')).not.toContain(
      forged.toString('base64'),
    );
    expect(place.qpoe('inspect', JSON.parse(again.stdout).statements[0]).stdout).not.toContain('NIST');
  });

  it('hides no receipt, and stops no command', () => {
    const place = newPlace();
    commit(place, 'first');
    const { receipt_id: id, statement } = JSON.parse(place.qpoe('attest', 'receipt', '--json', '-q').stdout);
    const folder = place.path('.qpoe/receipts', statement.slice('sha256:'.length));
    writeFileSync(join(folder, 'a.sigstore.json'), '{}');
    mkdirSync(join(folder, 'b.sigstore.json'));
    mkdirSync(place.path('.qpoe/receipts/zzz/evil.sigstore.json'), { recursive: true });
    expect(place.qpoe('run', '--receipt', id).code).toBe(0);
    expect(place.qpoe('attest', 'receipt').code).toBe(0);
  });
});

describe('inspect', () => {
  it('decodes signatures, statements and receipts, and never says that they hold', () => {
    const place = newPlace();
    commit(place, 'first');
    place.qpoe('attest', 'receipt', '--out', 'r.json');
    place.qpoe('run');
    mkdirSync(place.path('look'));
    for (const [index, file] of place
      .files()
      .filter((name) => name.includes('p256-'))
      .entries())
      copyFileSync(place.path(file), place.path('look', `${index}.json`));
    copyFileSync(place.path('r.json'), place.path('look', 'r.json'));
    for (const file of place.files().filter((name) => name.startsWith('look/'))) {
      const { code, stdout } = place.qpoe('inspect', file);
      expect(code).toBe(0);
      expect(stdout).toMatch(/predicate|receipt +g1-/);
      expect(stdout).not.toMatch(/verified|valid|PASS/i);
    }
  });
});
