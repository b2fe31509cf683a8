/**
 * Whether the source was declared before it ran: when others saw the receipt's statement, against when the record says the run
 * was. An existed-by time can show that something was early, never that it was late, so it is never a failure. Tags at the
 * provider show no order: they can be set after a job ran.
 */

import type { JsonValue } from '../core/json.ts';
import { formatTime, parseTime } from '../core/time.ts';
import type { ExecutionRecord } from '../record/schema.ts';
import { type Check, type Found, found, makeCheck } from './check.ts';
import { skewOf, type Trust } from './trust.ts';
import type { TrustedTime } from './trusted-time.ts';

/** A time that the run can't be older than, on whose word. */
interface Moment {
  readonly what: string;
  readonly text: string;
  readonly ms: number;
}

export function orderCheck({ execution }: ExecutionRecord, declared: TrustedTime, trust: Trust): Check {
  const provider = providerMoments(execution);
  const moments = provider.length > 0 ? provider : [claimedRun(execution)];
  const clock = provider.length > 0 ? 'the provider’s, as the importer repeats it' : 'the recorder’s';
  return makeCheck(
    'order.declared_before_run',
    `${declared.source}, and a clock: ${clock}`,
    judgeOrder(declared, moments, skewOf(trust)),
  );
}

function judgeOrder(declared: TrustedTime, moments: readonly Moment[], skew: number): Found {
  const receipt = `the receipt existed by ${formatTime(declared.ms)}`;
  const [missed, ...later] = moments.map(
    ({ what, text, ms }) => [`${what} ${text}`, declared.ms < ms + skew] as const,
  );
  if (missed![1]) return found('pass', `${receipt}, ${missed![0]}`);
  const before = later.find(([, isBefore]) => isBefore);
  if (before !== undefined)
    return found('pass', `${receipt}, ${missed![0]}, but ${before[0]}: declared while it waited`);
  return found('unknown', `${receipt}, ${missed![0]}`, 'order.unknown');
}

const claimedRun = ({ started_at: text }: ExecutionRecord['execution']): Moment => ({
  what: 'the run claims',
  text,
  ms: parseTime(text)!,
});

/** When the job was submitted, and when it ran. */
function providerMoments({ class: how, timing }: ExecutionRecord['execution']): Moment[] {
  if (how !== 'imported' || timing.source !== 'the provider') return [];
  return [
    ...momentOf('the job was created', timing.created),
    ...momentOf('the job ran from', timing.running),
  ];
}

function momentOf(what: string, text: JsonValue | undefined): Moment[] {
  const ms = typeof text === 'string' ? parseTime(text) : undefined;
  return ms === undefined ? [] : [{ what, text: text as string, ms }];
}
