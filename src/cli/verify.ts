/** `qpoe verify`: files and folders to verdicts, on all cores where there are many. */

import { type Dirent, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { QpoeError } from '../core/error.ts';
import { fileError } from '../store/files.ts';
import type { AskSdk } from '../verify/original-checks.ts';
import type { Trust } from '../verify/trust.ts';
import type { Means } from '../verify/verify.ts';
import { choosePolicy } from './chosen-policy.ts';
import type { Context } from './context.ts';
import { evidenceMeans } from './evidence-means.ts';
import { type ExitCode, worstExit } from './exit.ts';
import { readFingerprint } from './fingerprint.ts';
import { renderSummary, renderVerdict, renderVerdictLine } from './render-verdict.ts';
import { type FileOutcome, type FileTask, type FileVerdict, verifyFile } from './verify-file.ts';

export interface VerifyOptions {
  readonly policy?: string;
  readonly signer?: string;
  readonly integrityOnly?: boolean;
  /** A Python whose SDK is asked what only it can say of the original's records. */
  readonly python?: string;
}

/** Below this, starting threads costs more than they save. */
const FEW = 64;

export async function verifyPaths(
  context: Context,
  paths: readonly string[],
  options: VerifyOptions,
): Promise<ExitCode> {
  const trust = chooseTrust(context, options);
  const means = { askSdk: await chooseSdk(options, context.signal), ...(await evidenceMeans(trust)) };
  const tasks = paths.flatMap(collect);
  const [first] = tasks;
  if (first === undefined)
    throw new QpoeError(
      'usage',
      `nothing to verify in ${paths.join(', ')}`,
      'name a record, or a folder that holds some',
    );
  return tasks.length === 1 && first.named
    ? verifyOne(context, first, trust, means)
    : verifyMany(context, tasks, trust, means);
}

async function verifyOne(context: Context, task: FileTask, trust: Trust, means: Means): Promise<ExitCode> {
  const result = await verifyFile(task, trust, Date.now(), means);
  for (const line of renderVerdict(result)) context.say(line);
  context.answer('verify', { exit: result.exit, files: [result] });
  return result.exit;
}

async function verifyMany(
  context: Context,
  tasks: readonly FileTask[],
  trust: Trust,
  means: Means,
): Promise<ExitCode> {
  const files: FileVerdict[] = [];
  const counts = new Map<FileOutcome, number>();
  const exits = new Set<ExitCode>();
  const progress = showProgress(context, tasks.length);
  for await (const batch of verifyInBatches(tasks, trust, context.json, means)) {
    for (const { exit, outcome } of batch) {
      exits.add(exit);
      counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    }
    if (context.json) files.push(...batch);
    else context.say(batch.flatMap(renderVerdictLine).join('\n'));
    progress(batch.length);
    if (context.signal.aborted) throw new QpoeError('interrupted', 'stopped before all files were verified');
  }
  const exit = worstExit(exits);
  for (const line of renderSummary(counts)) context.say(line);
  context.answer('verify', { exit, files });
  return exit;
}

function chooseTrust(context: Context, options: VerifyOptions): Trust {
  const given = [options.policy, options.signer, options.integrityOnly].filter(
    (option) => option !== undefined,
  );
  if (given.length > 1)
    throw new QpoeError('usage', '--policy, --signer and --integrity-only exclude each other', 'give one');
  if (options.integrityOnly === true) return { kind: 'unasked' };
  if (options.signer !== undefined)
    return { kind: 'fingerprint', fingerprint: readFingerprint(options.signer, '--signer') };
  const chosen = choosePolicy(context, options.policy);
  return chosen === undefined ? { kind: 'nobody' } : { kind: 'policy', ...chosen };
}

/** None unless one is named: verification starts no process of its own accord, whatever the configuration says. */
async function chooseSdk({ python }: VerifyOptions, signal: AbortSignal): Promise<AskSdk | undefined> {
  return python === undefined ? undefined : (await import('./verify-python.ts')).sdkIn(python, signal);
}

/** A named file as it is; of a folder everything, at any depth, in order of name. */
function collect(path: string): FileTask[] {
  if (path === '-') return [{ path, named: true }];
  try {
    const isFolder = lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
    return isFolder ? [...walk(path)] : [{ path, named: true }];
  } catch (error) {
    return [unreadable(path, error)];
  }
}

/** Nothing in a folder is passed over in silence: links and devices aren't followed, and are said not to be. */
function* walk(folder: string): Generator<FileTask> {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    yield unreadable(folder, error);
    return;
  }
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* walk(path);
    else if (entry.isFile()) yield { path, named: false };
    else
      yield {
        path,
        named: false,
        skip: {
          outcome: 'unrecognised',
          reason: entry.isSymbolicLink() ? 'a link, not followed' : 'not a regular file',
        },
      };
  }
}

function unreadable(path: string, error: unknown): FileTask {
  return {
    path,
    named: true,
    skip: { outcome: 'unreadable', reason: fileError('unreadable', 'read', path, error).message },
  };
}

async function* verifyInBatches(
  tasks: readonly FileTask[],
  trust: Trust,
  detail: boolean,
  means: Means,
): AsyncGenerator<readonly FileVerdict[]> {
  // With an SDK to ask, the processes it takes are the work: threads would save nothing.
  if (tasks.length >= FEW && means.askSdk === undefined)
    yield* (await import('./verify-pool.ts')).verifyOnAllCores(tasks, trust, detail);
  else for (const task of tasks) yield [await verifyFile(task, trust, Date.now(), means)];
}

/** A line that counts, on a terminal and for many files only. */
function showProgress({ json }: Context, total: number): (more: number) => void {
  if (total < FEW || json || !process.stderr.isTTY) return () => undefined;
  let done = 0;
  return (more) => {
    done += more;
    process.stderr.write(`\rverified ${done} of ${total}${done === total ? '\r\u001b[K' : ''}`);
  };
}
