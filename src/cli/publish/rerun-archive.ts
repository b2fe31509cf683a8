/** The records of an archive run again, one after the other. What is wrong with one is said of it, and ends none of the others. */

import { QpoeError } from '../../core/error.ts';
import { printable } from '../../core/printable.ts';
import type { Archive } from '../../publish/archive.ts';
import { type ArchivedRecord, readArchived } from '../../publish/archive-records.ts';
import type { Manifest } from '../../publish/manifest.ts';
import type { Findings, NotReplayed, ReproducedRecord } from '../../publish/reproduction.ts';
import type { ExecutionRecord } from '../../record/schema.ts';
import type { ExpectationJob } from '../../sdk/expectation-values.ts';
import type { Job, RunLimits, Sdk } from '../../sdk/sdk.ts';
import { SDK_NAMES } from '../../sdk/sdk-names.ts';
import {
  type ComparableResult,
  type ComparedProgram,
  type Comparison,
  compareResults,
} from '../../statistics/comparison.ts';
import { decodeArtifact } from '../../verify/bundle.ts';
import { jobOf } from '../compare/replayed-job.ts';
import { CONCLUSIONS, packagesOf, type Replayed, type Rerun, rerun } from '../compare/rerun.ts';
import type { Context } from '../context.ts';
import { errorLine } from '../exit.ts';
import { namedSdk } from '../run/sdk.ts';
import type { NamedRecord } from '../show/named-record.ts';
import { objectsOf } from '../show/objects-beside.ts';

type ManifestRecord = Manifest['records'][number];

export interface RerunArchive {
  readonly records: readonly RerunRecord[];
  readonly sdks: Findings['sdks'];
  /** How many there were, over all records. */
  readonly tests: number;
}

/** What a reproduction says of a record, and what people are told besides. */
export interface RerunRecord {
  readonly said: ReproducedRecord;
  /** What was not as it was, or why it was not run again, in the words of whoever said so: they stay on this machine. */
  readonly notes: readonly string[];
}

export interface RerunMeans {
  readonly python?: string;
  readonly limits: RunLimits;
  progress(more: number): void;
}

/** @throws QpoeError `interrupted` */
export async function rerunArchive(
  context: Context,
  archive: Archive,
  records: readonly ManifestRecord[],
  means: RerunMeans,
): Promise<RerunArchive> {
  const usable = sdkFinder(context, means.python);
  const own = objectsOf(context.storePath);
  const tried: Tried[] = [];
  for (const record of records) {
    const archived = readArchived(archive, record.bundle);
    tried.push(
      archived === undefined
        ? { record, left: left('unread', 'this version of qpoe can’t read it') }
        : await tryRecord(record, nameArchived(record, archived, own), usable, means.limits),
    );
    if (means.limits.signal.aborted)
      throw new QpoeError('interrupted', 'stopped before every record was run again; nothing was written');
    means.progress(1);
  }
  return { ...weighTogether(tried), sdks: sdksOf(tried) };
}

/** Objects are what their digests say: one that the archive left out may be in the own store. */
function nameArchived(
  { record_id: id }: ManifestRecord,
  { record, bundle }: ArchivedRecord,
  own: NamedRecord['read'],
): NamedRecord {
  const { artifacts } = bundle;
  return {
    record,
    read: (digest) => (Object.hasOwn(artifacts, digest) ? decodeArtifact(artifacts[digest]!) : own(digest)),
    path: `record ${id}`,
  };
}

interface Left {
  readonly reason: NotReplayed;
  readonly note: string;
}

type Tried =
  | { readonly record: ManifestRecord; readonly left: Left; readonly ran?: never }
  | { readonly record: ManifestRecord; readonly sdk: string; readonly ran: Rerun; readonly left?: never };

const left = (reason: NotReplayed, note: string): Left => ({ reason, note });

type FindSdk = (name: string) => Promise<Sdk | Left>;

/** Each is looked for once. */
function sdkFinder(context: Context, python: string | undefined): FindSdk {
  const found = new Map<string, Promise<Sdk | Left>>();
  const find = async (name: string): Promise<Sdk | Left> => {
    const sdk = namedSdk(context, name, python);
    const status = await sdk.status();
    return status.usable ? sdk : left('sdk-missing', `${status.reason}; ${status.hint}`);
  };
  return (name) => {
    const known = found.get(name) ?? find(name);
    found.set(name, known);
    return known;
  };
}

async function tryRecord(
  record: ManifestRecord,
  named: NamedRecord,
  findSdk: FindSdk,
  limits: RunLimits,
): Promise<Tried> {
  const stated = refuseClass(named.record);
  if (stated !== undefined) return { record, left: stated };
  const { sdk: name } = named.record.workload;
  const job = readJob(named);
  if ('reason' in job) return { record, left: job };
  const sdk = await findSdk(name);
  if ('reason' in sdk) return { record, left: sdk };
  try {
    const ran = await rerun(sdk, named, job, limits);
    // Here, so that a record whose results are of another kind than its circuit's ends nothing but its own comparison.
    compareResults(ran.recorded, ran.results);
    return { record, sdk: name, ran };
  } catch (error) {
    return { record, left: explain(error) };
  }
}

function refuseClass({ workload, execution }: ExecutionRecord): Left | undefined {
  if (execution.class !== 'executed') return left(execution.class, '');
  return SDK_NAMES.includes(workload.sdk) ? undefined : left('sdk-unknown', printable(workload.sdk, 60));
}

function readJob(named: NamedRecord): Job | ExpectationJob | Left {
  try {
    return jobOf(named);
  } catch (error) {
    return explain(error);
  }
}

/** @throws QpoeError `interrupted`: the person stopped it, and nothing is wrong with the record */
function explain(error: unknown): Left {
  if (!(error instanceof QpoeError))
    return left('failed', `something in qpoe itself failed: ${String(error)}`);
  if (error.code === 'interrupted') throw error;
  return left(error.code === 'refused' ? 'not-replayable' : 'failed', errorLine(error));
}

/** The results that are not the very same, all held against each other at once: by Holm's rule of all their tests. */
function weighTogether(tried: readonly Tried[]): Omit<RerunArchive, 'sdks'> {
  const others = tried.flatMap(({ ran }) => (ran === undefined || ran.isIdentical ? [] : [ran]));
  const { tests, programs } = compareResults(
    others.flatMap(({ recorded }): readonly ComparableResult[] => recorded),
    others.flatMap(({ results }): readonly Replayed[] => results),
  );
  let next = 0;
  const records = tried.map((one): RerunRecord => {
    const { record_id, hash } = one.record;
    if (one.left !== undefined)
      return {
        said: { record_id, hash, outcome: 'not_replayed', reason: one.left.reason },
        notes: [one.left.note],
      };
    const own = one.ran.isIdentical ? [] : programs.slice(next, next + one.ran.recorded.length);
    next += own.length;
    return { said: { record_id, hash, sdk: one.sdk, ...conclude(own) }, notes: notesOf(one.ran) };
  });
  return { records, tests };
}

/** Counts that someone changed a little are consistent too: what gives them away is that nothing else is another. */
function notesOf({ isIdentical, changes }: Rerun): readonly string[] {
  return isIdentical || changes.length > 0 ? changes : [UNCHANGED];
}

const UNCHANGED = 'nothing that the record names is another, so its seed should have given the very same';

type Said = Extract<ReproducedRecord, { readonly sdk: string }>;

/** @param programs none where all are identical */
function conclude(
  programs: readonly ComparedProgram[],
): Pick<Said, 'outcome' | 'p_adjusted' | 'total_variation'> {
  if (programs.length === 0) return { outcome: 'identical' };
  const has = (outcome: Comparison['outcome']): boolean => programs.some((one) => one.outcome === outcome);
  const ps = programs.flatMap(({ adjusted }) => adjusted ?? []);
  const counts = programs.filter((program) => program.kind === 'counts');
  const furthest = counts.toSorted((a, b) => b.totalVariation.value - a.totalVariation.value)[0];
  return {
    outcome: CONCLUSIONS[has('differ') ? 'differ' : has('unknown') ? 'unknown' : 'agree'],
    ...(ps.length === 0 ? {} : { p_adjusted: Math.min(...ps) }),
    ...(furthest === undefined ? {} : { total_variation: distanceOf(furthest.totalVariation) }),
  };
}

/** Sums of fractions may end a rounding above one. */
function distanceOf({ value, shotNoise }: { readonly value: number; readonly shotNoise: number }) {
  return { value: Math.min(1, value), shot_noise: Math.min(1, shotNoise) };
}

function sdksOf(tried: readonly Tried[]): Findings['sdks'] {
  const sdks: Record<string, { backends: string[]; packages: Record<string, string> }> = {};
  for (const one of tried) {
    if (one.ran === undefined) continue;
    const known = sdks[one.sdk] ?? { backends: [], packages: {} };
    sdks[one.sdk] = known;
    known.backends = [...new Set([...known.backends, one.ran.backend])].sort();
    for (const [name, version] of Object.entries(packagesOf(one.ran.environment)))
      if (typeof version === 'string') known.packages[name] = version;
  }
  return sdks;
}
