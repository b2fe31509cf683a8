// Which commit's policy counts: the tip of the branch that the change is to go into. Everything here comes from the service and from git's own
// remote refs; nothing from the files of the change.

import { readFileSync } from 'node:fs';
import { fetchCommit, resolveCommit } from './repository.mjs';

const NONE = /^0+$/;

/** @returns {{name: string, commit: string}} @throws Refusal */
export function findBase(environment) {
  const { branch, commit } = chooseBase(environment);
  if (commit !== undefined) return { name: commit.slice(0, 12), commit: known(commit, commit, commit) };
  const ref = `refs/remotes/origin/${branch}`;
  return { name: branch, commit: known(ref, `+refs/heads/${branch}:${ref}`, branch) };
}

function chooseBase({ QPOE_ACTION_BASE: named, GITHUB_EVENT_PATH: path, GITHUB_REF: ref }) {
  if (named) return { branch: named };
  const event = path ? JSON.parse(readFileSync(path, 'utf8')) : {};
  const target = event.pull_request?.base?.ref ?? event.merge_group?.base_ref?.replace(/^refs\/heads\//, '');
  if (target) return { branch: target };
  const main = event.repository?.default_branch;
  if (!main) throw new Refusal('this event names no base branch; give the input `base`');
  // A push to the branch itself is judged by the policy that stood there before it.
  if (event.before !== undefined && ref === `refs/heads/${main}`) {
    if (NONE.test(event.before))
      throw new Refusal(`nothing stood on ${main} before this push: commit the policy alone, first`);
    return { commit: event.before };
  }
  return { branch: main };
}

/** The newest one: a signer may have been revoked since the change was opened. */
function known(ref, refspec, name) {
  const fault = fetchCommit(refspec);
  const commit = resolveCommit(ref);
  if (commit === undefined)
    throw new Refusal(`can't reach the base ${name}: ${fault}; check out with fetch-depth: 0`);
  return commit;
}

/** What stops the whole verification, as one line. */
export class Refusal extends Error {}
