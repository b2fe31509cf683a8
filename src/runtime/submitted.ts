/**
 * A job that this store submitted: the circuits as the person gave them, beside what the device got. The provider knows only the
 * latter, and no longer gives it back for every job.
 */

import { digestOf } from '../core/digest.ts';
import { type JsonValue, parseJsonBytes } from '../core/json.ts';
import type { RecordContent } from '../record/record.ts';
import type { Store } from '../store/store.ts';
import type { Journal, JournalFolder } from './journal.ts';
import type { Programs } from './programs.ts';
import { readPubs } from './pub.ts';
import { findSubmissionOf, heldBytes, type PlannedSubmission, readPlan } from './submission.ts';

export interface Submitted {
  readonly plan: PlannedSubmission;
  /** As they were sent. */
  readonly params: JsonValue;
  readonly programId: string;
}

/** undefined where the job was submitted elsewhere. */
export function submittedOf(store: Store, journals: JournalFolder, journal: Journal): Submitted | undefined {
  if (journal.submission === undefined) return undefined;
  const submission = findSubmissionOf(journals, journal.submission);
  if (submission === undefined) return undefined;
  return {
    plan: readPlan(store, submission),
    params: parseJsonBytes(heldBytes(store, submission.params)),
    programId: submission.program_id,
  };
}

/** Whether the provider has the very circuits that were sent; undefined where it doesn't say what it has. */
export function isAsSent({ plan, programId }: Submitted, params: JsonValue | undefined): boolean | undefined {
  const pubs = readPubs(programId, params ?? null);
  if (pubs.length === 0) return undefined;
  return (
    pubs.length === plan.programs.length &&
    pubs.every(({ source }, at) => source !== undefined && digestOf(source.bytes) === plan.programs[at]!.sent)
  );
}

/** The programs as they were meant, each with the circuit that ran for it. */
export function describeSubmitted(store: Store, { plan }: Submitted, found: Programs): Programs {
  const { programs } = plan;
  const digests = programs.flatMap(({ circuit, input, sent, observables }) => [
    circuit,
    sent,
    ...(input === undefined ? [] : [input.digest]),
    ...(observables === undefined ? [] : [observables]),
  ]);
  return {
    ...found,
    programs: found.programs.map((program, at) => {
      const { circuit, input, values, sent, observables } = programs[at]!;
      return {
        ...program,
        circuit,
        ...(input === undefined ? {} : { input }),
        source: { format: 'openqasm3', digest: sent },
        values,
        ...(observables === undefined ? {} : { observables }),
      };
    }),
    executed: programs.map(({ sent, layout }, program) => ({
      program,
      format: 'openqasm3',
      digest: sent,
      ...(layout === undefined ? {} : { layout }),
    })),
    objects: [...found.objects, ...[...new Set(digests)].map((digest) => heldBytes(store, digest))],
  };
}

/** What the workload is called, and the person's own words. */
export function describePlan({ plan }: Submitted): {
  readonly name: string;
  readonly parameters: Readonly<Record<string, number>>;
  readonly labels: Pick<RecordContent, 'labels'>;
} {
  const { name, parameters, labels } = plan;
  return { name, parameters, labels: labels === undefined ? {} : { labels } };
}

export const NOT_AS_SENT =
  'the circuits that the service has for this job are not those that were submitted: they are recorded as they are there';
