/**
 * What git says of one commit, read so that a stranger's repository can run nothing here: no hook, no monitor, no diff or
 * text-conversion program, no signature checker, no pager, no network. Nothing is written.
 *
 * `diff_hash` is AIIR's: SHA-256 of `git diff <first parent> <commit>` in the reference implementation's own words (aiir
 * 1.7), with the remaining options that a person's configuration could change set to git's defaults. It still depends on
 * git's version, on the repository's `.gitattributes` and on how many objects it holds (abbreviated ids in `index` lines):
 * it can be compared in the same place, and the tree's own id is what binds the content.
 */

import { createHash } from 'node:crypto';
import type { Trailer } from '../attest/declared-ai.ts';
import type { CommitFacts, GitIdentity } from '../attest/make-receipt.ts';
import type { Digest } from '../core/digest.ts';
import { QpoeError } from '../core/error.ts';
import { printable } from '../core/printable.ts';
import { type Command, describeExit, type Exit, runProcess } from '../sdk/process.ts';

export interface GitLimits {
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** Of one call of git. */
  readonly timeoutMs?: number;
  readonly maxDiffBytes?: number;
}

const TIMEOUT_MS = 300_000;
const MAX_DIFF_BYTES = 4 * 2 ** 30;
/** Messages and lists of names. */
const MAX_TEXT_BYTES = 64 * 2 ** 20;

/** What runs a program, or reads a secret, by configuration. None of it changes what is printed. */
const SAFE = [
  '--no-pager',
  '--no-optional-locks',
  '--no-replace-objects',
  ...['core.fsmonitor=false', 'core.hooksPath=/dev/null', 'core.askPass=', 'core.sshCommand=false'].flatMap(
    (setting) => ['-c', setting],
  ),
];

/** The reference's `_GIT_DETERMINISTIC_CONFIG`, in its order, then what it leaves to the person's configuration. */
const DETERMINISTIC = [
  'core.quotepath=false',
  'diff.noprefix=false',
  'diff.mnemonicPrefix=false',
  'diff.relative=false',
  'diff.context=3',
  'diff.algorithm=myers',
  'diff.indentHeuristic=true',
  'diff.renames=true',
  'diff.renameLimit=0',
  'diff.suppressBlankEmpty=false',
  'diff.wsErrorHighlight=none',
  'diff.colorMoved=no',
  'diff.colorMovedWS=no',
  'diff.external=',
  'color.ui=never',
  'color.diff=never',
  'core.pager=cat',
  'log.showSignature=false',
  'i18n.logOutputEncoding=UTF-8',
  'i18n.commitEncoding=UTF-8',
  'core.abbrev=auto',
  'diff.interHunkContext=0',
  'diff.submodule=short',
  'trailer.separators=:',
].flatMap((setting) => ['-c', setting]);

const DIFF = [
  ...DETERMINISTIC,
  'diff',
  '--no-color',
  '--no-ext-diff',
  '--no-textconv',
  '--src-prefix=a/',
  '--dst-prefix=b/',
  '-U3',
  '--indent-heuristic',
  '--find-renames',
  // Cancels diff.orderFile.
  '-O/dev/null',
];
const NAMES = [
  ...DETERMINISTIC,
  'diff',
  '--no-ext-diff',
  '--no-textconv',
  '--find-renames',
  '-O/dev/null',
  '--name-only',
];

/** What a first commit is compared with. Git knows it without its being there. */
const EMPTY_TREES: Readonly<Record<number, string>> = {
  40: '4b825dc642cb6eb9a060e54bf8d69288fbee4904',
  64: '6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321',
};

/**
 * @param folder in the repository, or a bare repository
 * @param revision whatever names one commit: an id, a branch, a tag, `HEAD~1`
 * @throws QpoeError `usage` (no such commit), `unreadable` (no repository), `unsafe` (someone else's), `refused` (a diff
 *   that can't be made), `external` (git is missing, or failed), `interrupted`
 */
export async function readCommit(folder: string, revision: string, limits: GitLimits): Promise<CommitFacts> {
  const git = openGit(folder, limits);
  const version = (await git.text(['version'])).trim();
  const sha = await resolveCommit(git, revision);
  const { tree, parents } = await readObject(git, sha);
  const parent = parents[0] ?? EMPTY_TREES[sha.length]!;
  if (parents.length > 0) await demandParent(git, sha, parent);
  const [described, diffHash, files, remote] = await Promise.all([
    describe(git, sha),
    hashDiff(git, parent, sha, limits),
    git.text([...NAMES, parent, sha, '--']),
    readRemote(git),
  ]);
  return {
    sha,
    tree,
    parents,
    ...described,
    diffHash,
    files: files.split('\n').filter((name) => name !== ''),
    remote,
    git: { version, diffArguments: [...DIFF, '<parent>', '<commit>', '--'] },
  };
}

interface Git {
  readonly folder: string;
  readonly command: (args: readonly string[]) => Command;
  /** How it ended, and its output as text. */
  readonly run: (args: readonly string[]) => Promise<Exit & { readonly text: string }>;
  /** Its output; where it fails, so do we. */
  readonly text: (args: readonly string[]) => Promise<string>;
}

function openGit(folder: string, { env, signal, timeoutMs = TIMEOUT_MS }: GitLimits): Git {
  const command = (args: readonly string[]): Command => ({
    title: 'git',
    program: 'git',
    args: ['-C', folder, ...SAFE, ...args],
    env: gitEnvironment(env),
    advice: { missing: 'install git, or add it to PATH' },
  });
  const run = async (args: readonly string[]) => {
    const exit = await runProcess(command(args), { signal, timeoutMs, maxOutputBytes: MAX_TEXT_BYTES });
    return { ...exit, text: decodeAsPython(exit.stdout) };
  };
  const text = async (args: readonly string[]) => {
    const exit = await run(args);
    if (exit.code !== 0) throw gitFailed(folder, exit);
    return exit.text;
  };
  return { folder, command, run, text };
}

/** What a person's setup needs; all else of git's would point it at another repository, or have it write traces. */
const KEPT = /^GIT_(?:CONFIG_|EXEC_PATH$|CEILING_DIRECTORIES$|DISCOVERY_ACROSS_FILESYSTEM$)/;

export function gitEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !name.startsWith('GIT_') || KEPT.test(name));
  return {
    ...Object.fromEntries(kept),
    // Messages are told apart by their English text.
    LC_ALL: 'C',
    LANGUAGE: 'C',
    GIT_TERMINAL_PROMPT: '0',
    // A partial clone would fetch what it lacks, by whatever program its configuration names.
    GIT_ALLOW_PROTOCOL: 'none',
    GIT_NO_LAZY_FETCH: '1',
  };
}

/** As the reference reads git (`text=True, errors="replace"`): line ends become `\n`, and what isn't UTF-8 U+FFFD. */
function decodeAsPython(bytes: Uint8Array): string {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  return decoder.decode(bytes).replace(/\r\n?/g, '\n');
}

/** Python's `str.strip()`: it takes U+001C to U+001F and U+0085 for blanks, and U+FEFF not. */
function strip(text: string): string {
  const blank = /[\t-\r\u001c-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;
  let start = 0;
  let end = text.length;
  while (start < end && blank.test(text[start]!)) start++;
  while (end > start && blank.test(text[end - 1]!)) end--;
  return text.slice(start, end);
}

async function resolveCommit(git: Git, revision: string): Promise<string> {
  // A leading dash would make it an option.
  if (!/^[^-\u0000-\u001f\u007f][^\u0000-\u001f\u007f]{0,1023}$/.test(revision)) throw noCommit(revision);
  const exit = await git.run(['rev-parse', '--verify', `${revision}^{commit}`]);
  const sha = exit.text.trim();
  if (exit.code === 0 && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(sha)) return sha;
  // Where the repository itself can't be read, that is what went wrong.
  await git.text(['rev-parse', '--git-dir']);
  if (revision === 'HEAD')
    throw new QpoeError(
      'usage',
      `the repository in ${printable(git.folder)} has no commit yet`,
      'make one first',
    );
  if (exit.stderr.includes('is ambiguous'))
    throw new QpoeError(
      'usage',
      `"${printable(revision)}" is the beginning of several ids`,
      'write more of it',
    );
  throw noCommit(revision);
}

function noCommit(revision: string): QpoeError {
  return new QpoeError(
    'usage',
    `"${printable(revision)}" names no commit of this repository`,
    'name one by its id, branch or tag: git log --oneline',
  );
}

/** The commit itself, whatever grafts and a shallow clone make git say of its parents. */
async function readObject(
  git: Git,
  sha: string,
): Promise<{ readonly tree: string; readonly parents: string[] }> {
  const object = await git.text(['cat-file', 'commit', sha]);
  const [tree, ...rest] = object.slice(0, object.indexOf('\n\n')).split('\n');
  const parents = rest.slice(
    0,
    rest.findIndex((line) => !line.startsWith('parent ')),
  );
  if (tree?.startsWith('tree ') !== true)
    throw new QpoeError('unreadable', `commit ${sha} is not of git's form`);
  return { tree: tree.slice('tree '.length), parents: parents.map((line) => line.slice('parent '.length)) };
}

/**
 * The reference takes the oldest commit of a shallow clone for a first commit, without parents and with every file new:
 * that would be untrue, so it is refused here.
 */
async function demandParent(git: Git, sha: string, parent: string): Promise<void> {
  const exit = await git.run(['cat-file', '-e', `${parent}^{commit}`]);
  if (exit.code === 0) return;
  const shallow = await git.text(['rev-parse', '--is-shallow-repository']);
  throw shallow.trim() === 'true'
    ? new QpoeError(
        'refused',
        `the parent of commit ${sha} is not in this shallow clone, so that what the commit changed can't be told`,
        'git fetch --unshallow',
      )
    : new QpoeError('unreadable', `the parent of commit ${sha}, ${parent}, is missing here`, 'git fsck');
}

/** No name, address, date or message holds NUL. Unlike `%aN`, `%an` heeds no .mailmap. */
const FORMAT = ['%an', '%ae', '%aI', '%cn', '%ce', '%cI', '%s', '%B', '%(trailers:only,unfold)'].join('%x00');

type Described = Pick<CommitFacts, 'author' | 'committer' | 'subject' | 'message' | 'trailers'>;

async function describe(git: Git, sha: string): Promise<Described> {
  const line = await git.text([
    ...DETERMINISTIC,
    'log',
    '-1',

    `--format=${FORMAT}`,
    sha,
    '--',
  ]);
  const fields = line.split('\0');
  if (fields.length !== 9) throw new QpoeError('external', `git described commit ${sha} in an unknown form`);
  const [subject, message, trailers] = fields.slice(6) as [string, string, string];
  return {
    author: readIdentity(fields.slice(0, 3)),
    committer: readIdentity(fields.slice(3, 6)),
    // The reference strips its one line, of which the subject is the end only.
    subject: strip(`.${subject}`).slice(1),
    message: strip(message),
    trailers: readTrailers(trailers),
  };
}

function readIdentity([name, email, date]: readonly string[]): GitIdentity {
  return { name: name!, email: email!, date: date! };
}

const MAX_TRAILERS = 1000;

function readTrailers(text: string): Trailer[] {
  const lines = text.split('\n', MAX_TRAILERS).map((line) => /^([^:]+):(.*)$/.exec(line));
  return lines
    .filter((match) => match !== null)
    .map(([, key, value]) => ({ key: key!.trim(), value: value!.trim() }));
}

async function hashDiff(git: Git, parent: string, sha: string, limits: GitLimits): Promise<Digest> {
  const hash = createHash('sha256');
  const exit = await runProcess(
    { ...git.command([...DIFF, parent, sha, '--']), onOutput: (chunk) => hash.update(chunk) },
    {
      signal: limits.signal,
      timeoutMs: limits.timeoutMs ?? TIMEOUT_MS,
      maxOutputBytes: limits.maxDiffBytes ?? MAX_DIFF_BYTES,
    },
  );
  if (exit.code !== 0) throw gitFailed(git.folder, exit);
  return `sha256:${hash.digest('hex')}`;
}

async function readRemote(git: Git): Promise<string | undefined> {
  const { code, text } = await git.run(['remote', 'get-url', 'origin']);
  return code === 0 && text.trim() !== '' ? text.trim() : undefined;
}

function gitFailed(folder: string, exit: Exit): QpoeError {
  const where = folder === '' ? '.' : printable(folder);
  const { stderr } = exit;
  if (stderr.includes('dubious ownership'))
    return new QpoeError(
      'unsafe',
      `git refuses the repository in ${where}: it belongs to someone else`,
      'if you trust it: git config --global --add safe.directory FOLDER',
    );
  if (stderr.includes("safe.bareRepository is 'explicit'"))
    return new QpoeError('unsafe', `git refuses the bare repository in ${where}: safe.bareRepository is set`);
  if (/not a git repository|not in a git directory/.test(stderr))
    return new QpoeError(
      'unreadable',
      `no git repository in ${where} or above it`,
      'name one with --repo DIR',
    );
  if (stderr.includes('cannot change to'))
    return new QpoeError(
      'unreadable',
      `can't enter the folder ${where}`,
      'name a repository with --repo DIR',
    );
  if (/promisor|lazy fetch|transport '.*' not allowed/.test(stderr))
    return new QpoeError(
      'refused',
      `the repository in ${where} is a partial clone, and lacks what the commit changed`,
      'git fetch --refetch --no-filter',
    );
  return new QpoeError('external', `git failed in ${where}: ${describeExit(exit)}`);
}
