import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, describe, expect, it } from 'vitest';
import { describeVectors, readVector } from '../../test/shared-vectors.ts';
import { makeReceipt } from '../attest/make-receipt.ts';
import { type GitLimits, gitEnvironment, readCommit } from './git.ts';

const place = mkdtempSync(join(realpathSync(tmpdir()), 'qpoe-git-'));
afterAll(() => rmSync(place, { recursive: true, force: true }));

/** Whoever runs the tests may have a configuration of their own. */
const env = {
  ...gitEnvironment(process.env),
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
  GIT_AUTHOR_NAME: 'Ada Łovelace',
  GIT_AUTHOR_EMAIL: 'ada@example.org',
  GIT_AUTHOR_DATE: '2026-01-02T03:04:05+02:00',
  GIT_COMMITTER_NAME: 'Bob',
  GIT_COMMITTER_EMAIL: 'bob@example.org',
  GIT_COMMITTER_DATE: '2026-01-03T03:04:05-08:00',
};
const limits: GitLimits = { env, signal: new AbortController().signal };

function newRepository(...options: string[]) {
  const folder = mkdtempSync(join(place, 'r-'));
  const run = (args: readonly string[], input: Uint8Array | string = '') =>
    execFileSync('git', args, {
      cwd: folder,
      env: { ...env, GIT_ALLOW_PROTOCOL: 'file' },
      input,
      stdio: 'pipe',
    })
      .toString()
      .trim();
  run(['init', '--quiet', '--initial-branch=main', ...options]);
  const repository = {
    folder,
    git: (...args: string[]) => run(args),
    write(name: string, content: string | Uint8Array) {
      writeFileSync(join(folder, name), content);
      return repository;
    },
    commit(message: string): string {
      run(['add', '--all']);
      run(['commit', '--quiet', '--allow-empty', '--allow-empty-message', '-m', message]);
      return run(['rev-parse', 'HEAD']);
    },
    /** A commit in git's own bytes, for what git itself would not write. */
    commitRaw(headers: string, message: Uint8Array): string {
      const head = Buffer.from(`tree ${run(['rev-parse', 'HEAD^{tree}'])}\n${headers}\n\n`, 'latin1');
      return run(
        ['hash-object', '-t', 'commit', '-w', '--stdin', '--literally'],
        Buffer.concat([head, message]),
      );
    },
    read: (revision = 'HEAD', some: Partial<GitLimits> = {}) =>
      readCommit(folder, revision, { ...limits, ...some }),
  };
  return repository;
}

const sha256 = (text: string | Uint8Array) => `sha256:${createHash('sha256').update(text).digest('hex')}`;
const EMPTY = sha256('');

describe('a commit', () => {
  it('is read with its people, dates, message and files', async () => {
    const repository = newRepository();
    const first = repository.write('a', 'a\n').commit('first');
    const sha = repository.write('b', 'b\n').write('a', 'A\n').commit('Second\n\nBody.\n\nAssisted-by: x');
    const facts = await repository.read();
    expect(facts).toMatchObject({
      sha,
      tree: repository.git('rev-parse', 'HEAD^{tree}'),
      parents: [first],
      author: { name: 'Ada Łovelace', email: 'ada@example.org', date: '2026-01-02T03:04:05+02:00' },
      committer: { name: 'Bob', email: 'bob@example.org', date: '2026-01-03T03:04:05-08:00' },
      subject: 'Second',
      message: 'Second\n\nBody.\n\nAssisted-by: x',
      trailers: [{ key: 'Assisted-by', value: 'x' }],
      files: ['a', 'b'],
      remote: undefined,
    });
    const diff = execFileSync('git', ['diff', first, sha], { cwd: repository.folder, env });
    expect(facts.diffHash).toBe(sha256(diff));
    expect(facts.git.version).toMatch(/^git version \d/);
    expect(facts.git.diffArguments).toContain('--no-textconv');
  });

  it('is found by an abbreviated id, a tag, a branch and a relative name, detached or not', async () => {
    const repository = newRepository();
    const sha = repository.commit('one');
    repository.git('tag', '-a', '-m', 'annotated', 'v1');
    repository.commit('two');
    repository.git('checkout', '--quiet', '--detach');
    for (const revision of ['v1', 'HEAD~1', 'main~1', sha.slice(0, 10), sha, 'HEAD^{/one}'])
      expect((await repository.read(revision)).sha).toBe(sha);
  });

  it('without a parent is compared with nothing, and an empty one with the same', async () => {
    const repository = newRepository();
    repository.write('a', 'a\n').commit('root');
    const empty = execFileSync('git', ['hash-object', '-t', 'tree', '--stdin'], {
      cwd: repository.folder,
      env,
      input: '',
    });
    const diff = execFileSync('git', ['diff', empty.toString().trim(), 'HEAD'], {
      cwd: repository.folder,
      env,
    });
    expect(await repository.read()).toMatchObject({ parents: [], files: ['a'], diffHash: sha256(diff) });
    repository.commit('');
    expect(await repository.read()).toMatchObject({ subject: '', message: '', files: [], diffHash: EMPTY });
  });

  it('that merges is compared with its first parent, and names all', async () => {
    const repository = newRepository();
    repository.write('a', 'a\n').commit('root');
    repository.git('checkout', '--quiet', '-b', 'side');
    const side = repository.write('s', 's\n').commit('side');
    repository.git('checkout', '--quiet', 'main');
    const main = repository.write('m', 'm\n').commit('main');
    repository.git('merge', '--quiet', '--no-ff', '-m', 'Merge', 'side');
    expect(await repository.read()).toMatchObject({ parents: [main, side], files: ['s'] });
  });

  it('in a SHA-256 repository is read alike', async () => {
    const repository = newRepository('--object-format=sha256');
    const sha = repository.write('a', 'a\n').commit('root');
    expect(sha).toHaveLength(64);
    expect(await repository.read()).toMatchObject({ sha, parents: [], files: ['a'] });
  });

  it('in a bare repository is read alike', async () => {
    const repository = newRepository();
    const sha = repository.write('a', 'a\n').commit('root');
    const bare = join(place, 'bare');
    repository.git('clone', '--quiet', '--bare', repository.folder, bare);
    expect(await readCommit(bare, 'main', limits)).toMatchObject({ sha, remote: repository.folder });
  });

  it("that moves a submodule names it, and the submodule's own commits are read in its folder", async () => {
    const part = newRepository();
    const inner = part.write('p', 'p\n').commit('part');
    const repository = newRepository();
    repository.commit('root');
    repository.git('submodule', '--quiet', 'add', part.folder, 'sub');
    repository.commit('add the part');
    expect(await repository.read()).toMatchObject({ files: ['.gitmodules', 'sub'] });
    expect((await readCommit(join(repository.folder, 'sub'), 'HEAD', limits)).sha).toBe(inner);
  });

  it('names files as git does: renamed once, odd ones quoted', async () => {
    const repository = newRepository();
    repository.write('old', 'x\n'.repeat(50)).commit('root');
    repository.git('mv', 'old', 'ü new');
    repository.write('tab\tand "quote"', '').commit('odd');
    expect((await repository.read()).files).toEqual(['"tab\\tand \\"quote\\""', 'ü new']);
  });
});

describe('text that is not UTF-8', () => {
  it('is translated where the commit names its encoding', async () => {
    const repository = newRepository();
    repository.write('.msg', Buffer.from('caf\xe9', 'latin1'));
    repository.git(
      '-c',
      'i18n.commitEncoding=ISO-8859-1',
      'commit',
      '--quiet',
      '--allow-empty',
      '-F',
      '.msg',
    );
    expect(repository.git('cat-file', 'commit', 'HEAD')).toContain('encoding ISO-8859-1');
    expect(await repository.read()).toMatchObject({ subject: 'café', message: 'café' });
  });

  it('is replaced where it does not, and line ends and blanks are as Python has them', async () => {
    const repository = newRepository();
    repository.commit('root');
    const sha = repository.commitRaw(
      'author \xff <x@y> 1700000000 -0800\ncommitter c <d@e> 1700000000 +0530',
      Buffer.from('bad \xe9\r\nmore\rcr\xc2\x85\n\x1f\n\ufeff', 'latin1'),
    );
    expect(await repository.read(sha)).toMatchObject({
      author: { name: '\ufffd', date: '2023-11-14T14:13:20-08:00' },
      committer: { date: '2023-11-15T03:43:20+05:30' },
      message: expect.stringMatching(/^bad \ufffd\nmore\ncr\u0085\n/),
    });
  });
});

describe("a person's configuration", () => {
  const hostile = [
    ...['diff.noprefix=true', 'diff.mnemonicPrefix=true', 'diff.context=0', 'diff.algorithm=patience'],
    ...['diff.renames=false', 'diff.interHunkContext=9', 'diff.submodule=log', 'color.ui=always'],
    ...[
      'core.abbrev=40',
      'core.quotepath=true',
      'i18n.logOutputEncoding=ISO-8859-1',
      'log.showSignature=true',
    ],
    ...['trailer.separators=#', 'log.mailmap=true', 'core.pager=false', 'diff.relative=true', 'log.date=raw'],
  ];

  it('changes nothing of what is read', async () => {
    const repository = newRepository();
    const lines = Array.from({ length: 40 }, (_, i) => `${i}`);
    repository.write('old', 'x\n'.repeat(50)).write('n', lines.join('\n')).commit('root');
    repository.git('mv', 'old', 'ü');
    lines[3] = lines[12] = 'changed';
    repository.write('n', lines.join('\n')).commit('Ü\n\nAssisted-by: x');
    repository.git('update-index', '--add', '--cacheinfo', `160000,${'82'.repeat(20)},part`);
    repository.git('commit', '--quiet', '--amend', '--no-edit', '--author=Zoë <z@example.org>');
    const before = await repository.read();
    expect(before.trailers).toHaveLength(1);
    for (const setting of hostile)
      repository.git('config', ...(setting.split(/=(.*)/s, 2) as [string, string]));
    repository.write('order', 'ü\n*\n').git('config', 'diff.orderFile', join(repository.folder, 'order'));
    repository.write('.mailmap', 'Mallory <m@example.org> <z@example.org>\n');
    expect(await repository.read()).toEqual(before);
  });

  it('runs nothing', async () => {
    const repository = newRepository();
    const trace = join(repository.folder, 'trace');
    const program = join(repository.folder, 'program');
    repository.write('program', `#!/bin/sh\necho "$0 $*" >> '${trace}'\nexit 1\n`);
    chmodSync(program, 0o755);
    mkdirSync(join(repository.folder, 'hooks'));
    for (const hook of ['post-checkout', 'post-index-change', 'reference-transaction', 'fsmonitor-watchman'])
      repository.write(`hooks/${hook}`, readFileSync(program));
    repository.write('.gitattributes', '* diff=evil filter=evil\n').write('a', 'a\n').commit('root');
    const commit = repository.write('a', 'b\n').commit('next\n\nEvil: x');
    const signed = repository.commitRaw(
      `parent ${commit}\nauthor a <a@b> 1 +0000\ncommitter a <a@b> 1 +0000\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n =aaaa\n -----END PGP SIGNATURE-----`,
      Buffer.from('signed'),
    );
    for (const name of [
      ...[
        'diff.external',
        'diff.evil.command',
        'diff.evil.textconv',
        'filter.evil.clean',
        'filter.evil.smudge',
      ],
      ...['core.fsmonitor', 'core.pager', 'pager.diff', 'pager.log', 'core.editor', 'core.sshCommand'],
      ...['gpg.program', 'gpg.openpgp.program', 'core.askPass', 'trailer.evil.command', 'trailer.evil.cmd'],
    ])
      repository.git('config', name, program);
    repository.git('config', 'core.hooksPath', join(repository.folder, 'hooks'));
    repository.git('config', 'log.showSignature', 'true');
    repository.git('config', 'alias.log', `!${program}`);
    rmSync(trace, { force: true });
    await repository.read(commit);
    await repository.read(signed);
    expect(existsSync(trace) ? readFileSync(trace, 'utf8') : 'nothing ran').toBe('nothing ran');
  });

  it("that replaces a commit by another is not asked: the id is the commit's own", async () => {
    const repository = newRepository();
    const one = repository.write('a', 'a').commit('one');
    repository.git('replace', one, repository.commit('two'));
    expect(await repository.read(one)).toMatchObject({ sha: one, subject: 'one' });
  });
});

describe('the environment', () => {
  it('points git at no other repository, and has it write no trace', async () => {
    const repository = newRepository();
    const sha = repository.commit('one');
    const other = newRepository();
    other.commit('other');
    const trace = join(place, 'trace');
    const misleading = {
      ...env,
      ...{ GIT_DIR: join(other.folder, '.git'), GIT_WORK_TREE: other.folder, GIT_TRACE: trace },
      ...{ GIT_OBJECT_DIRECTORY: join(other.folder, '.git/objects'), GIT_EXTERNAL_DIFF: 'false' },
      ...{ GIT_INDEX_FILE: '/nowhere', GIT_DIFF_OPTS: '-u0', LC_ALL: 'de_DE.UTF-8' },
    };
    expect((await repository.read('HEAD', { env: misleading })).sha).toBe(sha);
    expect(existsSync(trace)).toBe(false);
  });

  it('keeps what a person needs', () => {
    expect(gitEnvironment({ PATH: '/bin', HOME: '/h', GIT_CONFIG_COUNT: '0', GIT_DIR: '/x' })).toEqual({
      ...{ PATH: '/bin', HOME: '/h', GIT_CONFIG_COUNT: '0', LC_ALL: 'C', LANGUAGE: 'C' },
      ...{ GIT_TERMINAL_PROMPT: '0', GIT_ALLOW_PROTOCOL: 'none', GIT_NO_LAZY_FETCH: '1' },
    });
  });
});

describe('it is one clear line when', () => {
  const refusal = (code: string, message: string, hint?: string) =>
    expect.objectContaining({
      code,
      message: expect.stringContaining(message),
      ...(hint === undefined ? {} : { hint: expect.stringContaining(hint) }),
    });
  const repository = newRepository();
  const sha = repository.write('a', 'a\n').commit('root');

  it('there is no repository', async () => {
    const empty = mkdtempSync(join(place, 'none-'));
    const inside = { ...limits, env: { ...env, GIT_CEILING_DIRECTORIES: place } };
    await expect(readCommit(empty, 'HEAD', inside)).rejects.toEqual(
      refusal('unreadable', 'no git repository in'),
    );
    await expect(readCommit(join(empty, 'x'), 'HEAD', limits)).rejects.toEqual(
      refusal('unreadable', "can't enter the folder"),
    );
  });

  it('there is no commit', async () => {
    await expect(newRepository().read()).rejects.toEqual(refusal('usage', 'has no commit yet'));
  });

  it.each([
    'nope',
    'HEAD~5',
    'HEAD^{tree}',
    'a..b',
    '^HEAD',
    '--help',
    '-1',
    '',
    'HEAD:a',
    '@{u}',
    'x\ny',
    'x\0',
    '0'.repeat(40),
  ])('%j names none', async (revision) => {
    await expect(repository.read(revision)).rejects.toEqual(refusal('usage', 'names no commit', 'git log'));
  });

  it('a shallow clone ends before the parent', async () => {
    const origin = newRepository();
    origin.write('a', 'a\n').commit('one');
    const parent = origin.write('a', 'b\n').commit('two');
    const last = origin.write('a', 'c\n').commit('three');
    const clone = join(place, 'shallow');
    origin.git('clone', '--quiet', '--depth=2', `file://${origin.folder}`, clone);
    expect(await readCommit(clone, 'HEAD', limits)).toMatchObject({
      sha: last,
      parents: [parent],
      files: ['a'],
    });
    await expect(readCommit(clone, 'HEAD~1', limits)).rejects.toEqual(
      refusal('refused', 'not in this shallow clone', 'git fetch --unshallow'),
    );
  });

  it('a partial clone lacks what changed, and nothing is fetched', async () => {
    const origin = newRepository();
    origin.write('a', 'a\n').commit('one');
    origin.write('a', 'b\n').commit('two');
    origin.git('config', 'uploadpack.allowFilter', 'true');
    const clone = join(place, 'partial');
    origin.git('clone', '--quiet', '--filter=blob:none', '--no-checkout', `file://${origin.folder}`, clone);
    await expect(readCommit(clone, 'HEAD', limits)).rejects.toEqual(
      refusal('refused', 'partial clone', 'git fetch'),
    );
  });

  it('an object is gone', async () => {
    const broken = newRepository();
    const first = broken.commit('one');
    broken.commit('two');
    rmSync(join(broken.folder, '.git/objects', first.slice(0, 2), first.slice(2)));
    await expect(broken.read()).rejects.toEqual(refusal('unreadable', first, 'git fsck'));
  });

  it('the diff is too large or takes too long', async () => {
    await expect(repository.read(sha, { maxDiffBytes: 10 })).rejects.toEqual(
      refusal('external', 'more than 10 bytes'),
    );
    await expect(repository.read(sha, { timeoutMs: 0 })).rejects.toEqual(refusal('external', 'time limit'));
  });

  it('the person gives up', async () => {
    await expect(repository.read(sha, { signal: AbortSignal.abort() })).rejects.toEqual(
      refusal('interrupted', 'git was stopped'),
    );
  });

  it('git is not installed', async () => {
    await expect(repository.read(sha, { env: { PATH: place } })).rejects.toEqual(
      refusal('external', "git can't be started: git: no such program", 'install git'),
    );
  });

  it.skipIf(process.getuid?.() !== 0)(
    'the repository belongs to someone else (only root can make one)',
    async () => {
      const theirs = newRepository();
      theirs.commit('one');
      spawnSync('chown', ['-R', '12345', theirs.folder]);
      await expect(theirs.read()).rejects.toEqual(
        refusal('unsafe', 'belongs to someone else', 'safe.directory'),
      );
    },
  );
});

describeVectors("AIIR's JSON Schema", 'aiir/commit_receipt.v2.schema.json', () => {
  it('accepts the receipts of real commits', async () => {
    const schema = JSON.parse(readVector('aiir/commit_receipt.v2.schema.json').toString());
    const validate = new Ajv2020({ formats: { 'date-time': true } }).compile(schema);
    for (const format of ['sha1', 'sha256']) {
      const repository = newRepository(`--object-format=${format}`);
      for (let i = 0; i < 120; i++) repository.write(`f${i}`, `${i}\n`);
      repository.commit('root');
      repository.commit('two\n\nCo-authored-by: Claude <noreply@anthropic.com>');
      for (const revision of ['HEAD', 'HEAD~1']) {
        const facts = await repository.read(revision);
        const { text } = makeReceipt(facts, { version: '0.1.0', now: '2026-11-22T00:00:00Z' });
        expect(validate(JSON.parse(text)), JSON.stringify(validate.errors)).toBe(true);
      }
    }
  });
});
