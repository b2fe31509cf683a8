/** A source for the demo's job: a git repository of one file, whose commit is the same every time. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { QpoeError } from '../../core/error.ts';
import { gitEnvironment } from '../../online/git.ts';
import { runProcess } from '../../sdk/process.ts';
import type { Context } from '../context.ts';
import type { DemoPlace } from './demo-place.ts';

export interface DemoSource {
  readonly repo: string;
  readonly file: string;
}

const PERSON = { NAME: 'DEMO', EMAIL: 'demo@qpoe.invalid', DATE: '2026-01-01T00:00:00Z' };
const CONTENT = 'qpoe run --workload clifford_t_sampling --n-qubits 3 --depth 2 --seed 1234 --shots 1024\n';

/** Undefined where there is no git here. @throws QpoeError where git fails */
export async function makeSource(context: Context, { path }: DemoPlace): Promise<DemoSource | undefined> {
  const repo = join(path, 'source');
  const file = join(repo, 'experiment.sh');
  mkdirSync(repo);
  writeFileSync(file, CONTENT);
  const env = { ...gitEnvironment(context.environment), ...identity(), GIT_CONFIG_NOSYSTEM: '1' };
  const git = async (...args: readonly string[]): Promise<number | null> => {
    const command = { title: 'git', program: 'git', args: ['-C', repo, ...args], env };
    const { code, stderr } = await runProcess(command, { signal: context.signal });
    if (code !== 0) throw new QpoeError('external', `git ${args[0]} ended with ${code}: ${stderr.trim()}`);
    return code;
  };
  if (!(await hasGit(context, env))) return undefined;
  await git('init', '-q', '--template=', '--object-format=sha1');
  await git('add', 'experiment.sh');
  await git('commit', '-q', '--no-gpg-sign', '-m', 'DEMO: the experiment');
  return { repo, file };
}

async function hasGit({ signal }: Context, env: NodeJS.ProcessEnv): Promise<boolean> {
  try {
    const command = { title: 'git', program: 'git', args: ['--version'], env };
    return (await runProcess(command, { signal })).code === 0;
  } catch (error) {
    if (!(error instanceof QpoeError) || error.code !== 'external') throw error;
    return false;
  }
}

function identity(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    ['AUTHOR', 'COMMITTER'].flatMap((role) =>
      Object.entries(PERSON).map(([what, value]) => [`GIT_${role}_${what}`, value]),
    ),
  );
}
