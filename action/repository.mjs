// The repository as git's objects say it is. The work tree isn't read: a link in it could lead anywhere, a filter change what is read.

import { spawnSync } from 'node:child_process';

const MOST_BYTES = 200_000_000;

function git(...args) {
  return spawnSync('git', ['--no-replace-objects', ...args], {
    maxBuffer: MOST_BYTES,
    env: { ...process.env, GIT_TERMINAL_PROMPT: '0', GIT_OPTIONAL_LOCKS: '0' },
  });
}

/** @returns {string | undefined} why it failed */
export function fetchCommit(refspec) {
  const shallow = git('rev-parse', '--is-shallow-repository').stdout.toString().trim() === 'true';
  const depth = shallow ? ['--depth=1'] : [];
  const { status, stderr } = git(
    'fetch',
    '--quiet',
    '--no-tags',
    ...depth,
    '--end-of-options',
    'origin',
    refspec,
  );
  return status === 0 ? undefined : (stderr.toString().trim().split('\n').at(-1) ?? 'git failed');
}

export function resolveCommit(ref) {
  const { status, stdout } = git('rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`);
  return status === 0 ? stdout.toString().trim() : undefined;
}

/**
 * Every file of a commit. Names that no checkout would make (`..`, `.git`, absolute) are left for the caller to refuse: they are only ever shown.
 * @returns {{mode: string, id: string, size: number, path: string}[]}
 */
export function listFiles(commit) {
  const { status, stdout, stderr } = git('ls-tree', '-r', '-l', '-z', '--full-tree', commit);
  if (status !== 0) throw new Error(stderr.toString());
  return stdout
    .toString('utf8')
    .split('\0')
    .filter((line) => line !== '')
    .map((line) => {
      const [, mode, id, size, path] = /^(\d+) \w+ ([0-9a-f]+) +(\d+|-)\t(.*)$/s.exec(line);
      return { mode, id, size: Number(size), path };
    });
}

export function readBlob(id) {
  const { status, stdout, stderr, error } = git('cat-file', 'blob', id);
  if (status !== 0) throw new Error(error?.message ?? stderr.toString());
  return stdout;
}
