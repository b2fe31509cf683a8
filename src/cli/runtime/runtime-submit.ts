/** `qpoe runtime submit`: a job to IBM Quantum, bound to the receipt of its source in the very submission, once; then its record. */

import { circuitDigest } from '../../circuit/circuit.ts';
import { beforeMeasurement } from '../../circuit/measurement.ts';
import { emitOpenQasm3 } from '../../circuit/openqasm3.ts';
import { fromUtf8 } from '../../core/bytes.ts';
import { type Digest, digestOf } from '../../core/digest.ts';
import { QpoeError } from '../../core/error.ts';
import { canonicalBytes } from '../../core/jcs.ts';
import type { JsonValue } from '../../core/json.ts';
import { printable } from '../../core/printable.ts';
import type { BoundProvenance } from '../../record/binding.ts';
import { tagsOfBinding } from '../../record/binding-tags.ts';
import { JOB_ID } from '../../runtime/answers.ts';
import { asImporter, type Imported } from '../../runtime/import-jobs.ts';
import { type MeantJob, type MeantProgram, prepareJob } from '../../runtime/prepare-submission.ts';
import { noteJob, sendSubmission } from '../../runtime/send-job.ts';
import type { ImportSession } from '../../runtime/session.ts';
import {
  findSubmission,
  type HeldSubmission,
  keepPlan,
  newMarker,
  requestDigest,
  writeSubmission,
} from '../../runtime/submission.ts';
import { type Waiting, waitForJob } from '../../runtime/wait-job.ts';
import { cacheFolder } from '../../sdk/cache.ts';
import { MAX_SHOTS } from '../../sdk/sdk.ts';
import { openOrCreateStore, putObject, type Store } from '../../store/store.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { describeLabels, type LabelOptions } from '../record/labels.ts';
import type { CircuitOptions } from '../run/plan-circuits.ts';
import { checkWhole, planJob } from '../run/plan-job.ts';
import { planObservables } from '../run/plan-observables.ts';
import type { WorkloadOptions } from '../run/plan-workload.ts';
import type { PlannedProgram } from '../run/planned-job.ts';
import { provenanceNamed } from './bound-receipt.ts';
import { answerOf, describe, importAll } from './runtime-import.ts';
import { openRuntime, type RuntimeOptions } from './runtime-session.ts';

export interface SubmitOptions extends RuntimeOptions, WorkloadOptions, CircuitOptions, LabelOptions {
  readonly backend: string;
  readonly session?: string;
  readonly shots: number;
  readonly observable?: readonly string[];
  /** `false`: --no-receipt. */
  readonly receipt?: string | false;
  readonly asIs?: boolean;
  readonly optimization: number;
  readonly detach?: boolean;
  readonly again?: boolean;
}

export async function submitRuntime(
  context: Context,
  files: readonly string[],
  options: SubmitOptions,
): Promise<ExitCode> {
  checkRequest(options);
  const job = meanJob(files, options);
  const store = openOrCreateStore(context.storePath);
  const provenance = await provenanceFor(context, store, options);
  const session = await openRuntime(context, options);
  const held = await submissionFor(context, session, job, provenance, options);
  const place = { ...session, note: context.note };
  const sent = held.submission.job_id === undefined ? await sendSubmission(place, held) : held;
  noteJob(session.journals, sent);
  tellSent(context, sent, job);
  if (options.detach === true) return detached(context, sent);
  await waitFor(context, session, sent.submission.job_id!);
  return recordSent(context, session, sent);
}

function checkRequest({ receipt, session, backend, optimization }: SubmitOptions): void {
  if (receipt === undefined)
    throw new QpoeError(
      'usage',
      'runtime submit binds the job to a receipt of its source, and none is named',
      '--receipt ID (`qpoe attest receipt` makes one), or --no-receipt for a job without a binding',
    );
  if (session !== undefined && session !== 'new' && !/^[A-Za-z0-9_-]{1,36}$/.test(session))
    throw new QpoeError('usage', `--session ${printable(session, 60)} is neither new nor a session's id`);
  if (!JOB_ID.test(backend))
    throw new QpoeError('usage', `--backend ${printable(backend, 60)} is no device's name`);
  checkWhole('--optimization', optimization, 0, 3);
}

function meanJob(files: readonly string[], options: SubmitOptions): MeantJob {
  const isEstimator = (options.observable ?? []).length > 0;
  checkWhole('--seed', options.seed, 0, Number.MAX_SAFE_INTEGER);
  const planned = planJob(
    files,
    isEstimator && files.length > 0 ? { ...options, measureAll: true } : options,
  );
  const programs = planned.programs.map((program) =>
    isEstimator ? withoutMeasurements(program) : asMeant(program, options),
  );
  const observables = planObservables(options.observable ?? [], planned);
  return {
    name: planned.name,
    parameters: planned.parameters,
    programs,
    shots: checkWhole('--shots', options.shots, 1, MAX_SHOTS),
    observables,
    ...describeLabels(options),
  };
}

/** The file's own text goes as it is, where the circuit is as it is there: gate lists don't have all of a device's gates. */
function asMeant(program: PlannedProgram, { measureAll }: SubmitOptions): MeantProgram {
  const { circuit, values, input } = program;
  const isWhole = Object.keys(values).length === 0 && measureAll !== true;
  const own = input?.format === 'openqasm3' && isWhole ? fromUtf8(input.bytes) : undefined;
  return { ...program, text: own ?? emitOpenQasm3(circuit) };
}

function withoutMeasurements(program: PlannedProgram): MeantProgram {
  const circuit = beforeMeasurement(program.circuit);
  return { ...program, circuit, text: emitOpenQasm3(circuit) };
}

/** What the job will be bound to: found out, and refused, before anything is asked of the provider. */
async function provenanceFor(
  context: Context,
  store: Store,
  { receipt }: SubmitOptions,
): Promise<BoundProvenance | undefined> {
  if (receipt === false) return undefined;
  const provenance = await provenanceNamed(context, store, receipt!);
  tagsOfBinding(provenance);
  return provenance;
}

/** The submission that this command began before, or a new one, written before anything is sent. */
async function submissionFor(
  context: Context,
  session: ImportSession,
  job: MeantJob,
  provenance: BoundProvenance | undefined,
  options: SubmitOptions,
): Promise<HeldSubmission> {
  const request = requestOf(job, provenance, options);
  const before = findSubmission(session.journals, request);
  if (before !== undefined && (before.submission.record_id === undefined || options.again !== true)) {
    tellBefore(context, before);
    return before;
  }
  const { backend, asIs = false, optimization, seed } = options;
  const prepared = await prepareJob({ ...session, python: pythonOf(context, options) }, job, {
    backend,
    asIs,
    optimizationLevel: optimization,
    seed,
  });
  const held: HeldSubmission = {
    number: (before?.number ?? 0) + 1,
    submission: {
      version: 1,
      request,
      marker: newMarker(),
      begun_at: new Date(session.now()).toISOString(),
      backend,
      program_id: job.observables.length > 0 ? 'estimator' : 'sampler',
      params: putObject(session.store, canonicalBytes(prepared.params), 0o600),
      plan: keepPlan(session.store, prepared.plan),
      ...(provenance === undefined ? {} : { provenance }),
      ...(options.session === 'new' ? { wants_session: true } : {}),
      ...(options.session === undefined || options.session === 'new' ? {} : { session_id: options.session }),
      attempts: [],
    },
  };
  writeSubmission(session.journals, held);
  return held;
}

function tellBefore({ note }: Context, { submission }: HeldSubmission): void {
  const { job_id: id, record_id: record, begun_at: begun } = submission;
  if (record !== undefined) note(`submitted before, as job ${id}: --again submits it once more`);
  else note(`taking up what was begun at ${begun}${id === undefined ? '' : `, job ${id}`}`);
}

/** Whatever would make it another job. */
function requestOf(
  { name, parameters, programs, shots, observables }: MeantJob,
  provenance: BoundProvenance | undefined,
  { backend, session, asIs = false, optimization, seed }: SubmitOptions,
): Digest {
  return requestDigest({
    version: 1,
    backend,
    session: session ?? null,
    name,
    parameters,
    programs: programs.map(({ circuit, values, text }) => ({
      circuit: circuitDigest(circuit),
      values,
      // Two texts of one gate list are two requests where the text itself is sent.
      ...(asIs ? { text: digestOf(Buffer.from(text) as Uint8Array) } : {}),
    })),
    shots,
    observables: observables as unknown as JsonValue,
    receipt: provenance?.aiir_statement ?? null,
    ...(asIs ? {} : { optimization, seed }),
  } as never);
}

function pythonOf({ environment, config }: Context, { python }: SubmitOptions) {
  return {
    python: python ?? (environment.QPOE_PYTHON || config.python),
    cacheDir: cacheFolder(environment),
    env: environment,
  };
}

function tellSent(context: Context, { submission }: HeldSubmission, { programs, shots }: MeantJob): void {
  const { job_id: id, backend, program_id: program, session_id: session, provenance } = submission;
  const size = programs.length === 1 ? '1 circuit' : `${programs.length} circuits`;
  context.say(`job     ${id}, ${program} on ${backend}: ${size}, ${shots} shots`);
  if (session !== undefined) context.say(`session ${session}`);
  if (provenance !== undefined) for (const tag of tagsOfBinding(provenance)) context.say(`tag     ${tag}`);
}

function answerSent({ submission }: HeldSubmission): object {
  const { job_id, session_id, backend, provenance, marker } = submission;
  return {
    job_id,
    backend,
    ...(session_id === undefined ? {} : { session_id }),
    tags: [...(provenance === undefined ? [] : tagsOfBinding(provenance)), marker],
  };
}

function detached(context: Context, sent: HeldSubmission): ExitCode {
  context.note(`next: qpoe runtime import ${sent.submission.job_id}, or the same command without --detach`);
  context.answer('runtime-submit', answerSent(sent));
  return EXIT.pass;
}

const TELL_EVERY_MS = 10_000;

async function waitFor(context: Context, session: ImportSession, id: string): Promise<void> {
  let told = '';
  let at = Number.NEGATIVE_INFINITY;
  const tell = (waiting: Waiting): void => {
    const line = describeWaiting(waiting);
    const isNew =
      !told.startsWith(waiting.status) || (line !== told && performance.now() - at > TELL_EVERY_MS);
    if (!isNew) return;
    told = line;
    at = performance.now();
    context.note(printable(line, 200));
  };
  await waitForJob(session.client, id, context.signal, tell);
}

function describeWaiting({ status, queue, waitSeconds, runSeconds }: Waiting): string {
  const parts = [
    ...(queue === undefined ? [] : [`${queue} jobs wait for the device`]),
    ...(waitSeconds === undefined ? [] : [`about ${waitSeconds} s`]),
    ...(runSeconds === undefined ? [] : [`to run ${Math.ceil(runSeconds)} s`]),
  ];
  return parts.length === 0 ? status : `${status}: ${parts.join(', ')}`;
}

async function recordSent(context: Context, session: ImportSession, sent: HeldSubmission): Promise<ExitCode> {
  const imported: Imported[] = [];
  const id = sent.submission.job_id!;
  await asImporter(session, () => importAll(context, session, [{ id }], imported));
  const [one] = imported;
  if (one?.state === 'refused') throw one.error;
  if ('recordId' in one!)
    writeSubmission(session.journals, {
      ...sent,
      submission: { ...sent.submission, record_id: one.recordId },
    });
  context.say(describe(one!));
  context.answer('runtime-submit', { ...answerSent(sent), ...answerOf(one!) });
  if (one!.state === 'pending') return EXIT.inconclusive;
  context.note(`next: qpoe runtime bundle ${id}`);
  // The record is made; what was asked for was not had.
  return 'outcome' in one! && ['failed', 'cancelled'].includes(one.outcome) ? EXIT.external : EXIT.pass;
}
