/** `qpoe replay`: a record's circuits again, on the same SDK, with the same seed. It writes no record, and verifies none. */

import { printable } from '../../core/printable.ts';
import type { ExecutionRecord } from '../../record/schema.ts';
import type { ExpectationJob } from '../../sdk/expectation-values.ts';
import type { Job, Sdk } from '../../sdk/sdk.ts';
import { type Comparison, compareResults } from '../../statistics/comparison.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { namedSdk } from '../run/sdk.ts';
import { type NamedRecord, readNamedRecord } from '../show/named-record.ts';
import { describeRecord, identify } from './compare.ts';
import { comparisonJson, OUTCOME_EXITS } from './compared-results.ts';
import { explainOutcome, paint, renderPrograms } from './render-comparison.ts';
import { jobOf } from './replayed-job.ts';
import {
  CONCLUSIONS,
  limitsOf,
  packagesOf,
  type Replayed,
  type ReplayOptions,
  type Rerun,
  type RerunOutcome,
  rerun,
} from './rerun.ts';

export async function replay(context: Context, name: string, options: ReplayOptions): Promise<ExitCode> {
  const limits = limitsOf(context, options);
  const named = readNamedRecord(context, name);
  const job = jobOf(named);
  const sdk = namedSdk(context, named.record.workload.sdk, options.python);
  await noteVersion(context, named.record, sdk);
  return report(context, named, job, await rerun(sdk, named, job, limits));
}

/** Before the time that a run takes. What is installed is known exactly only afterwards. */
async function noteVersion(context: Context, { execution }: ExecutionRecord, sdk: Sdk): Promise<void> {
  const status = await sdk.status();
  const recorded = Object.values(packagesOf(execution.environment));
  if (status.usable && recorded.length > 0 && !recorded.includes(status.version))
    context.note(
      `${sdk.name} is ${printable(status.version)} here, and was of another version when it was recorded`,
    );
}

function report(
  context: Context,
  named: NamedRecord,
  job: Job | ExpectationJob,
  { recorded, results, changes, isIdentical, environment }: Rerun,
): ExitCode {
  const comparison = compareResults(recorded, results);
  const verdict = isIdentical ? 'identical' : CONCLUSIONS[comparison.outcome];
  for (const change of changes) context.say(paint('yellow', `! ${printable(change)}`));
  const [colour, word] = HEADLINES[verdict];
  context.say(
    `${paint(['bold', colour], word)}: ${isIdentical ? describeIdentity(results) : explainOutcome(comparison)}`,
  );
  context.say(`A        ${describeRecord(named)}`);
  context.say(`B        ${describeAgain(job)}`);
  if (!isIdentical) showComparison(context, comparison);
  context.note('nothing was verified here, and nothing was recorded');
  context.answer('replay', {
    outcome: verdict,
    changes,
    record: identify(named),
    environment,
    comparison: comparisonJson(comparison),
  });
  return isIdentical ? EXIT.pass : OUTCOME_EXITS[comparison.outcome];
}

const HEADLINES = {
  identical: ['green', 'IDENTICAL'],
  consistent: ['green', 'CONSISTENT'],
  different: ['red', 'DIFFERENT'],
  unknown: ['yellow', "CAN'T SAY"],
} as const satisfies Readonly<Record<RerunOutcome, readonly [string, string]>>;

function describeIdentity(results: readonly Replayed[]): string {
  const same =
    results[0]!.kind === 'counts' ? 'the same counts, to the shot' : 'the same values, to the digit';
  return `${same}${results.length > 1 ? `, of all ${results.length} programs` : ''}`;
}

function describeAgain(job: Job | ExpectationJob): string {
  const isExact = 'observables' in job && job.shots === undefined;
  return isExact ? 'computed again just now' : `run again just now, with the seed ${job.seed}`;
}

function showComparison(context: Context, comparison: Comparison): void {
  for (const line of renderPrograms(comparison, process.stdout.columns ?? 80)) context.say(line);
}
