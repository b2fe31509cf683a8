// node verify-bundles.mjs QPOE: verifies the bundles of the commit that is checked out against the policy of the base branch. It reads git's objects
// alone, writes them under names of its own into a temporary folder, and gives the verifier a home that is empty. Exit 0: every one is a pass.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { findBase, Refusal } from './base.mjs';
import { globPattern } from './glob.mjs';
import { annotate, annotateAll, writeSummary } from './report.mjs';
import { listFiles, readBlob, resolveCommit } from './repository.mjs';

/** The verifier's own limit for a bundle, with room. */
const MOST_BYTES = 150_000_000;
const REGULAR = ['100644', '100755'];

const [, , qpoe] = process.argv;
const {
  QPOE_ACTION_POLICY: policyPath = '',
  QPOE_ACTION_PATHS: globs = '',
  RUNNER_TEMP: runnerTemp,
} = process.env;
const scratch = mkdtempSync(join(runnerTemp || tmpdir(), 'qpoe-verify-'));
try {
  process.exitCode = verifyRepository();
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  annotate('error', error.message);
  process.exitCode = 2;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function verifyRepository() {
  const base = findBase(process.env);
  const before = listFiles(base.commit);
  const now = listFiles(resolveCommit('HEAD'));
  const policy = takePolicy(before, base.name);
  const evidence = now.filter(({ path }) => isEvidence(path));
  const gone = missing(before, now);
  annotateAll(
    'warning',
    gone.map((path) => ({ path, message: `${path} is on ${base.name}, and no more here` })),
  );
  if (evidence.length === 0)
    throw new Refusal(`no file here is one of ${globList().join(', ')}: nothing to verify`);
  const results = verifyAll(evidence, policy);
  const bad = results.filter(({ ok }) => !ok);
  annotateAll(
    'error',
    bad.map(({ path, headline }) => ({ path, message: `${path}: ${headline}` })),
  );
  const changes = policyChanges(before, now);
  if (changes)
    annotate('notice', `this change edits the policy; what counts is the one of ${base.name}`, policyPath);
  writeSummary(process.env.GITHUB_STEP_SUMMARY, {
    title:
      bad.length === 0
        ? `${results.length} of evidence verified`
        : `${bad.length} of ${results.length} not verified`,
    facts: [
      `policy: ${policyPath} of ${base.name}, commit ${base.commit}`,
      ...(changes ? ['this change edits the policy, which did not count'] : []),
      ...gone.map((path) => `gone: ${path}`),
    ],
    rows: results,
  });
  process.stdout.write(`${results.length - bad.length} of ${results.length} pass\n`);
  return bad.length === 0 ? 0 : 1;
}

function globList() {
  return globs
    .split('\n')
    .map((glob) => glob.trim())
    .filter((glob) => glob !== '');
}

function isEvidence(path) {
  return globList().some((glob) => globPattern(glob).test(path));
}

/** The policy and what lies with it, as the base has them. @returns its path */
function takePolicy(before, name) {
  const folder = dirname(policyPath);
  if (
    folder === '.' ||
    folder.startsWith('/') ||
    policyPath.split('/').some((part) => ['', '.', '..'].includes(part))
  )
    throw new Refusal(
      `the policy ${policyPath} must be named from the top of the repository, in a folder of its own`,
    );
  if (!before.some(({ path, mode }) => path === policyPath && REGULAR.includes(mode)))
    throw new Refusal(`no ${policyPath} on ${name}: commit the policy there first`);
  for (const { path, mode, id } of before) {
    if (!path.startsWith(`${folder}/`) || !REGULAR.includes(mode)) continue;
    const parts = path.slice(folder.length + 1).split('/');
    if (parts.some((part) => ['', '.', '..'].includes(part))) continue;
    const copy = join(scratch, 'policy', ...parts);
    mkdirSync(dirname(copy), { recursive: true, mode: 0o700 });
    writeFileSync(copy, readBlob(id), { mode: 0o600, flag: 'wx' });
  }
  return join(scratch, 'policy', basename(policyPath));
}

function policyChanges(before, now) {
  const folder = `${dirname(policyPath)}/`;
  const of = (files) =>
    files.filter(({ path }) => path.startsWith(folder)).map(({ path, mode, id }) => `${mode} ${id} ${path}`);
  return of(before).join('\0') !== of(now).join('\0');
}

function missing(before, now) {
  const here = new Set(now.map(({ path }) => path));
  return before.map(({ path }) => path).filter((path) => isEvidence(path) && !here.has(path));
}

/** @returns {{path: string, ok: boolean, headline: string}[]} in the order of the paths */
function verifyAll(evidence, policy) {
  const folder = join(scratch, 'evidence');
  mkdirSync(folder, { mode: 0o700 });
  const names = new Map();
  const refused = new Map();
  for (const [index, file] of evidence.entries()) {
    const fault = refusal(file);
    if (fault !== undefined) {
      refused.set(file.path, { ok: false, headline: fault });
      continue;
    }
    const name = `${index}.qpoe.json`;
    writeFileSync(join(folder, name), readBlob(file.id), { flag: 'wx' });
    names.set(file.path, name);
  }
  const judged = names.size === 0 ? new Map() : judge(folder, policy);
  return evidence.map(({ path }) => ({
    path,
    ...(refused.get(path) ?? outcome(judged.get(names.get(path)))),
  }));
}

function refusal({ mode, size }) {
  if (!REGULAR.includes(mode)) return 'a link or a module, and no file: it is not followed';
  return size > MOST_BYTES ? `${size} bytes: larger than any bundle` : undefined;
}

function judge(folder, policy) {
  const out = join(scratch, 'answer.json');
  // Nothing of the runner's home or variables may widen whom it trusts.
  const { status, stderr } = spawnSync(
    process.execPath,
    [qpoe, 'verify', '--json', '--out', out, '--home', join(scratch, 'home'), '--policy', policy, folder],
    { cwd: scratch, env: { PATH: process.env.PATH, HOME: scratch, NO_COLOR: '1' }, encoding: 'utf8' },
  );
  if (![0, 1, 3].includes(status))
    throw new Refusal(stderr.replaceAll(scratch, '').trim().split('\n').at(-1) || 'qpoe failed');
  const { files } = JSON.parse(readFileSync(out, 'utf8'));
  return new Map(files.map((file) => [basename(file.path), file]));
}

/** Fails closed: what the verifier doesn't name as passed hasn't. */
function outcome(file) {
  const headline = file?.verdict?.headline ?? file?.error ?? 'the verifier said nothing of it';
  return {
    ok: file?.exit === 0 && file.verdict?.verdict === 'pass',
    // The copy's folder is gone once this is read.
    headline: headline.replaceAll(join(scratch, 'policy'), dirname(policyPath)),
  };
}
