/** `qpoe verify`: files, folders and records of the store to verdicts, on all cores where there are many. */

import { join } from 'node:path';
import { digestOf } from '../../core/digest.ts';
import { QpoeError } from '../../core/error.ts';
import { lookAt, readBounded } from '../../store/files.ts';
import type { AskSdk } from '../../verify/original-checks.ts';
import type { Context } from '../context.ts';
import { type ExitCode, worstExit } from '../exit.ts';
import type { Report } from '../html/html-report.ts';
import { checkOut } from '../output.ts';
import { countProgress } from '../progress.ts';
import { VERSION } from '../version.ts';
import type { JudgedMember } from './archive-members.ts';
import { type ChosenTrust, chooseTrust, type TrustOptions } from './choose-trust.ts';
import { collectFiles } from './collect-files.ts';
import { evidenceMeans } from './evidence-means.ts';
import { type PlausibilityAsked, plausibilityMeans } from './plausibility-means.ts';
import { renderSummary, renderVerdict, renderVerdictLine, renderWarning } from './render-verdict.ts';
import { type Warning, warnOfTrustInEvidence } from './trust-in-evidence.ts';
import {
  type FileMeans,
  type FileOutcome,
  type FileTask,
  type FileVerdict,
  verifyFile,
} from './verify-file.ts';
import { MAX_ARCHIVE_BYTES } from './zip-file.ts';

export interface VerifyOptions extends TrustOptions {
  /** A Python whose SDK is asked what only it can say of the original's records. */
  readonly python?: string;
  /** A record of the store, with everything that the store holds about it. */
  readonly record?: string;
  /** Where a report for people goes. */
  readonly html?: string;
  /** Where the answer goes. */
  readonly out?: string;
  /** Are the counts what the circuit can give? */
  readonly plausibility?: boolean;
  /** A check to explain, instead of verifying anything. */
  readonly explain?: string;
  /** The folder of what is handed over beside an archive. */
  readonly external?: string;
}

/** Below this, starting threads costs more than they save. */
const FEW = 64;

export async function verify(
  context: Context,
  paths: readonly string[],
  options: VerifyOptions,
): Promise<ExitCode> {
  if (options.explain !== undefined)
    return (await import('./explain-check.ts')).explainCheck(context, options.explain, paths);
  checkOut(options.html, '--html');
  if (options.html !== undefined && options.html === options.out)
    throw new QpoeError('usage', '--html and --out name one file', 'name two');
  const tasks = await collect(context, paths, options);
  const chosen = chooseTrust(context, options);
  const warnings = warnOfTrustInEvidence(context, placesOf(context, paths, options), chosen.trust);
  for (const { message } of warnings) context.note(`qpoe: warning: ${message}`);
  const { external } = options;
  const asksPlausibility = {
    plausibility: options.plausibility === true,
    storePath: context.storePath,
  };
  const means: FileMeans = {
    askSdk: await chooseSdk(options, context.signal),
    ...(await evidenceMeans(chosen.trust)),
    ...(await plausibilityMeans(asksPlausibility, chosen.trust)),
    ...(external === undefined ? {} : { readExternal: externalReader(external) }),
  };
  const report = options.html === undefined ? undefined : await beginReport(options.html, tasks);
  const asked: Asked = { context, tasks, chosen, warnings, means, asksPlausibility, report };
  const isOne = tasks.length === 1 && tasks[0]!.named;
  return isOne ? verifyOne(asked, tasks[0]!) : verifyMany(asked);
}

interface Asked {
  readonly context: Context;
  readonly tasks: readonly FileTask[];
  readonly chosen: ChosenTrust;
  readonly warnings: readonly Warning[];
  readonly means: FileMeans;
  readonly asksPlausibility: PlausibilityAsked;
  readonly report: Report | undefined;
}

async function collect(
  context: Context,
  paths: readonly string[],
  { record }: VerifyOptions,
): Promise<readonly FileTask[]> {
  if (record !== undefined) {
    if (paths.length > 0) throw new QpoeError('usage', '--record takes no files', 'give one or the other');
    return [(await import('./verify-stored.ts')).storedTask(context, record)];
  }
  if (paths.length === 0)
    throw new QpoeError(
      'usage',
      'nothing to verify',
      'name a file or a folder, or a record of the store by --record',
    );
  const tasks = paths.flatMap(collectFiles);
  if (tasks.length === 0)
    throw new QpoeError(
      'usage',
      `nothing to verify in ${paths.join(', ')}`,
      'name a record, or a folder that holds some',
    );
  return tasks;
}

/** Of a record of the store the whole store is the evidence. */
function placesOf(
  { storePath }: Context,
  paths: readonly string[],
  { record }: VerifyOptions,
): readonly string[] {
  return record === undefined ? paths : [storePath];
}

async function beginReport(path: string, tasks: readonly FileTask[]): Promise<Report> {
  return (await import('../html/html-report.ts')).beginReport(path, tasks);
}

async function verifyOne(asked: Asked, task: FileTask): Promise<ExitCode> {
  const { context, chosen, warnings, report } = asked;
  const members: JudgedMember[] = [];
  const means = { ...asked.means, judgeMembers: memberJudge(asked, task, members) };
  const result = await verifyFile(task, chosen.trust, Date.now(), means, report?.look);
  if (context.signal.aborted) throw new QpoeError('interrupted', 'stopped before everything was verified');
  report?.add(result);
  for (const line of renderVerdict(result, warnings)) context.say(line);
  for (const line of members.flatMap(renderMember).slice(0, MOST_MEMBER_LINES)) context.say(line);
  for (const member of members) {
    if (member.bytes !== undefined && member.result.verdict !== undefined)
      report?.look(member.bytes, member.result.verdict);
    report?.add(member.result);
  }
  return conclude(asked, [result, ...members.map((member) => member.result)], result.exit);
}

const MOST_MEMBER_LINES = 60;

/** Of an archive's bundles only those that don't pass are worth a line: its figures count the others. */
function renderMember({ result }: JudgedMember): string[] {
  return result.outcome === 'pass' ? [] : renderVerdictLine(result);
}

function memberJudge(
  { context, chosen, means, asksPlausibility, report }: Asked,
  { path }: FileTask,
  members: JudgedMember[],
): NonNullable<FileMeans['judgeMembers']> {
  return async (archive, paths) => {
    const { judgeMembers } = await import('./archive-members.ts');
    return judgeMembers(archive, paths, {
      path,
      trust: chosen.trust,
      means,
      asksPlausibility,
      keep: report === undefined ? 0 : MOST_SHOWN,
      detail: context.json,
      progress: countProgress(context, 'verified', paths.length, FEW),
      take: (member) => members.push(member),
      stop: context.signal,
    });
  };
}

/** As many as a report has sections for. */
const MOST_SHOWN = 50;

/** By name: the folder's files are called by their digests. */
function externalReader(folder: string): NonNullable<FileMeans['readExternal']> {
  return (digest) => {
    const path = join(folder, digest.slice('sha256:'.length));
    return lookAt(path)?.isFile() ? digestOf(readBounded(path, MAX_ARCHIVE_BYTES)) : undefined;
  };
}

async function verifyMany(asked: Asked): Promise<ExitCode> {
  const { context, tasks, warnings, report } = asked;
  const files: FileVerdict[] = [];
  const counts = new Map<FileOutcome, number>();
  const exits = new Set<ExitCode>();
  const progress = countProgress(context, 'verified', tasks.length, FEW);
  for await (const batch of verifyInBatches(asked)) {
    for (const result of batch) {
      exits.add(result.exit);
      counts.set(result.outcome, (counts.get(result.outcome) ?? 0) + 1);
      report?.add(result);
    }
    if (context.json) files.push(...batch);
    else context.say(batch.flatMap(renderVerdictLine).join('\n'));
    progress(batch.length);
    if (context.signal.aborted) throw new QpoeError('interrupted', 'stopped before all files were verified');
  }
  for (const warning of warnings) context.say(renderWarning(warning));
  for (const line of renderSummary(counts)) context.say(line);
  return conclude(asked, files, worstExit(exits));
}

function conclude(
  { context, chosen, warnings, report }: Asked,
  files: readonly FileVerdict[],
  exit: ExitCode,
): ExitCode {
  const head = { qpoe: VERSION, trust: describeTrust(chosen), warnings };
  context.answer('verify', { exit, ...head, files });
  if (report !== undefined) {
    report.write({ ...head, at: Date.now() });
    context.note(`report  ${report.path}`);
  }
  return exit;
}

export type TrustSaid = ReturnType<typeof describeTrust>;

/** Whom this verification trusted, as answers and reports say it. */
function describeTrust({ trust, digest }: ChosenTrust) {
  switch (trust.kind) {
    case 'policy':
      return { kind: 'policy', path: trust.path, digest: digest! } as const;
    case 'fingerprint':
      return { kind: 'signer', fingerprint: trust.fingerprint } as const;
    case 'unasked':
      return { kind: 'integrity-only' } as const;
    case 'nobody':
      return { kind: 'nobody' } as const;
  }
}

/** None unless one is named: verification starts no process of its own accord, whatever the configuration says. */
async function chooseSdk({ python }: VerifyOptions, signal: AbortSignal): Promise<AskSdk | undefined> {
  return python === undefined ? undefined : (await import('./verify-python.ts')).sdkIn(python, signal);
}

async function* verifyInBatches({
  context,
  tasks,
  chosen: { trust },
  means,
  asksPlausibility,
  report,
}: Asked): AsyncGenerator<readonly FileVerdict[]> {
  // With an SDK to ask, the processes it takes are the work: threads would save nothing. A report looks at each file's bytes.
  if (tasks.length >= FEW && means.askSdk === undefined && report === undefined)
    yield* (await import('./verify-pool.ts')).verifyOnAllCores(
      tasks,
      trust,
      context.json,
      asksPlausibility,
      (task) => task,
    );
  else for (const task of tasks) yield [await verifyFile(task, trust, Date.now(), means, report?.look)];
}
