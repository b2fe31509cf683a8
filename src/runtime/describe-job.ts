/** A job of the provider as a record's content. What it says is the provider's word, repeated by the importer. */

import type { Bytes } from '../core/bytes.ts';
import type { Digest } from '../core/digest.ts';
import { canonicalBytes } from '../core/jcs.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts';
import type { RecordContent } from '../record/record.ts';
import { BIT_ORDER } from '../record/schema.ts';
import { withhold } from '../store/openings.ts';
import { putObject, type Store } from '../store/store.ts';
import type { JobAnswer } from './answers.ts';
import type { Calibration } from './calibration.ts';
import { API_VERSION, type RuntimeClient } from './client.ts';
import type { QpyExporter } from './export-qpy.ts';
import type { FetchedJob } from './fetch-job.ts';
import type { JobBinding } from './job-binding.ts';
import { type Decoded, decodeResults } from './job-results/decode.ts';
import { cutPersonal, withholdPersonal, withholdWithin } from './personal.ts';
import { describePrograms, type Programs } from './programs.ts';
import { providerTime } from './provider-time.ts';
import { readPubs } from './pub.ts';
import type { KeepContent } from './session.ts';
import { describePlan, describeSubmitted, isAsSent, NOT_AS_SENT, type Submitted } from './submitted.ts';

export interface Importer {
  /** As the access token names them. */
  readonly id: string | undefined;
  readonly isIbm: boolean;
  /** This program's. */
  readonly version: string;
}

export interface DescribePlace {
  readonly store: Store;
  readonly client: RuntimeClient;
  readonly importer: Importer;
  readonly qpy: QpyExporter;
  readonly now: () => number;
}

export interface DescribedJob extends KeepContent {
  /** Why the results, which are kept, could not be read. */
  readonly unread: string | undefined;
}

const MAX_OPTIONS_BYTES = 64_000;
const MAX_SPANS = 1000;

/** What this store knows of a job beside what the provider says. */
export interface OwnKnowledge {
  readonly bound: JobBinding;
  readonly submitted: Submitted | undefined;
}

export function describeJob(
  place: DescribePlace,
  fetched: FetchedJob,
  { calibration, device }: Calibration,
  { bound, submitted }: OwnKnowledge,
): DescribedJob {
  const { job, metrics, results, journal } = fetched;
  const openings: Bytes[] = [];
  const program = job.program?.id ?? 'unknown';
  const decoded = results === undefined ? undefined : decodeResults(results());
  const asSent = submitted === undefined ? undefined : isAsSent(submitted, job.params ?? undefined);
  // What was sent stands in for what the provider no longer gives, and never for what it gives.
  const own = asSent === false ? undefined : submitted;
  const described = describeAll(
    place,
    program,
    asSent === undefined ? (own?.params ?? job.params) : job.params,
    decoded,
    own,
  );
  const notes = [...(asSent === false ? [NOT_AS_SENT] : []), ...bound.notes, ...described.notes];
  const named = own === undefined ? undefined : describePlan(own);
  const { programs } = described;
  const { times, timing } = describeTimes(fetched, decoded, place.now());
  const content: RecordContent = {
    workload: {
      name: named?.name ?? (programs.length === 1 ? 'circuit' : 'job'),
      sdk: 'ibm-quantum',
      parameters: { ...named?.parameters },
      shots: programs.reduce((sum, { shots }) => sum + shots, 0),
      programs: [...programs],
    },
    execution: {
      class: 'imported',
      backend: job.backend || 'unknown',
      ...times,
      bit_order: BIT_ORDER,
      result_summary: [...described.results],
      result_digest: journal.results!.digest,
      environment: {
        qpoe: place.importer.version,
        api_version: API_VERSION,
        ...given({
          qiskit: metrics?.qiskit_version,
          client: metrics?.caller && withholdPersonal(openings, metrics.caller),
        }),
        ...(Object.keys(device).length === 0 ? {} : { device }),
        ...(place.qpy.version() === undefined ? {} : { qpy_read_by: place.qpy.version()! }),
        ...notesOf(notes, decoded),
      },
      seeding: describeSeeding(job.params),
      job: { ...describeJobItself(place, openings, fetched, program, decoded), ...describeBinding(bound) },
      calibration,
      executed_circuits: [...described.executed],
      timing,
      mitigation: describeMitigation(place.store, openings, job.params),
    },
    ...bound.source,
    ...named?.labels,
  };
  const unread = decoded?.form === 'unknown' ? decoded.reason : undefined;
  return { content, objects: described.objects, openings, unread };
}

function describeAll(
  { store, qpy }: DescribePlace,
  program: string,
  params: JsonValue | null | undefined,
  decoded: Decoded | undefined,
  own: Submitted | undefined,
): Programs {
  const outcomes = decoded?.form === 'unknown' ? undefined : decoded?.pubs;
  const found = describePrograms(readPubs(program, params), outcomes, qpy.known, qpy.version());
  // A result for each circuit, or it isn't known which is which.
  const fits = own !== undefined && found.programs.length === own.plan.programs.length;
  return fits ? describeSubmitted(store, own, found) : found;
}

function describeBinding({ binding, by }: JobBinding): JsonObject {
  return binding === undefined ? {} : { binding: binding as unknown as JsonObject, bound_by: by! };
}

function notesOf(notes: readonly string[], decoded: Decoded | undefined): JsonObject {
  const all = [...(decoded?.form === 'unknown' ? [`results not read: ${decoded.reason}`] : []), ...notes];
  return all.length === 0 ? {} : { notes: all.map(cutPersonal) };
}

/** Without the members that aren't there. */
function given(members: Readonly<Record<string, JsonValue | null | undefined>>): JsonObject {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value != null && value !== ''),
  ) as JsonObject;
}

function describeJobItself(
  { client, importer }: DescribePlace,
  openings: Bytes[],
  { job, metrics, journal, results }: FetchedJob,
  program: string,
  decoded: Decoded | undefined,
): JsonObject {
  const user = job.user_id || undefined;
  const host = new URL(client.api).host;
  return {
    provider: 'ibm-quantum',
    service: importer.isIbm ? host : withhold(openings, host),
    job_id: job.id,
    program,
    ...given({
      session_id: job.session_id,
      status: job.state?.status ?? job.status,
      reason: job.state?.reason == null ? undefined : cutPersonal(job.state.reason),
      reason_code: job.state?.reason_code,
      cost: job.cost,
    }),
    private: job.private === true,
    tags: (job.tags ?? []).map((tag) => withholdPersonal(openings, tag)),
    instance: withhold(openings, client.crn),
    ...(user === undefined ? {} : { submitter: withhold(openings, user) }),
    ...(importer.id === undefined ? {} : { importer: withhold(openings, importer.id) }),
    ...(user === undefined || importer.id === undefined
      ? {}
      : { submitted_by_importer: user === importer.id }),
    results: {
      state: results !== undefined ? 'read' : journal.results!.truncated === true ? 'truncated' : 'none',
      http_status: journal.results!.status,
      retrieved_at: journal.results!.at,
      ...(decoded === undefined ? {} : { form: decoded.form }),
    },
    answers: {
      job: describeAnswer(journal.job!),
      ...(metrics === undefined ? {} : { metrics: describeAnswer(journal.metrics!) }),
    },
  };
}

/** Raw answers hold user ids: they are named here, where no bundle looks for what it embeds. */
function describeAnswer({ digest, at }: { readonly digest: Digest; readonly at: string }): JsonObject {
  return { digest, retrieved_at: at };
}

interface Times {
  readonly started_at: string;
  readonly finished_at: string;
}

const SKEW_MS = 300_000;

/** The provider's times, unless they can't be: a record is never older than what it records, nor ends before it began. */
function describeTimes(
  { job, metrics }: FetchedJob,
  decoded: Decoded | undefined,
  now: number,
): { readonly times: Times; readonly timing: JsonObject } {
  const { created: createdText, running: runningText, finished: finishedText } = metrics?.timestamps ?? {};
  const created = providerTime(createdText ?? job.created ?? '');
  const running = providerTime(runningText ?? '');
  const finished = providerTime(finishedText ?? '');
  const here = new Date(now).toISOString();
  const ended = finished ?? running ?? created ?? here;
  const isAhead = Date.parse(ended) > now + SKEW_MS;
  const finishedAt = isAhead ? here : ended;
  const began = running ?? created ?? finishedAt;
  const startedAt = Date.parse(began) > Date.parse(finishedAt) ? finishedAt : began;
  const queue =
    created === undefined || running === undefined
      ? undefined
      : (Date.parse(running) - Date.parse(created)) / 1000;
  const spans = decoded === undefined || decoded.form === 'unknown' ? undefined : decoded.spans;
  return {
    times: { started_at: startedAt, finished_at: finishedAt },
    timing: {
      source: created === undefined && running === undefined ? 'this machine' : 'the provider',
      ...given({ created, running, finished, queue_seconds: queue }),
      ...(isAhead ? { provider_ahead_seconds: Math.round((Date.parse(ended) - now) / 1000) } : {}),
      ...given({
        usage: (metrics?.usage ?? job.usage) as JsonValue | undefined,
        circuits_execution_time_ns: metrics?.circuits_execution_time_ns,
      }),
      ...(spans === undefined ? {} : describeSpans(spans)),
    },
  };
}

function describeSpans(spans: NonNullable<Extract<Decoded, { pubs: unknown }>['spans']>): JsonObject {
  const listed = spans.slice(0, MAX_SPANS).map(({ start, stop, pubs }) => ({ start, stop, pubs }));
  return {
    execution_spans: listed,
    ...(spans.length > MAX_SPANS ? { more_spans: spans.length - MAX_SPANS } : {}),
  };
}

function optionsOf(params: JsonValue | null | undefined): JsonObject {
  const options = isJsonObject(params ?? undefined) ? (params as JsonObject).options : undefined;
  return isJsonObject(options) ? options : {};
}

function describeSeeding(params: JsonValue | null | undefined): JsonObject {
  const { simulator, seed_estimator: seed } = optionsOf(params);
  const requested = isJsonObject(simulator) ? (simulator.seed_simulator ?? seed) : seed;
  return typeof requested === 'number'
    ? { requested, applied: 'asked of the provider', took_effect: null }
    : {};
}

/** The options as the job had them: a noise model among them can be large, and then stands by its digest. */
function describeMitigation(
  store: Store,
  openings: Bytes[],
  params: JsonValue | null | undefined,
): JsonObject {
  const options = optionsOf(params);
  const level = isJsonObject(params ?? undefined) ? (params as JsonObject).resilience_level : undefined;
  const { resilience_level: inner } = options;
  const found = typeof level === 'number' ? level : inner;
  const bytes = canonicalBytes(options);
  const told: JsonObject =
    Object.keys(options).length === 0
      ? {}
      : bytes.length > MAX_OPTIONS_BYTES
        ? { options: { digest: putObject(store, bytes, 0o600) } }
        : { options: withholdWithin(openings, options) };
  return { ...given({ resilience_level: found }), ...told };
}

/** What the job was, for people: `sampler on ibm_kingston`. */
export function titleOf({ program, backend }: JobAnswer): string {
  return `${program?.id ?? 'a job'} on ${backend ?? 'an unknown backend'}`;
}
