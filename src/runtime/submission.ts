/**
 * What is about to be sent to the provider, on disk before it is: `runtime/<instance>/submissions/<request>.<n>.json` in the store.
 *
 * A job costs money, and a POST whose answer is lost says nothing of what was done. So a submission carries a marker that no other
 * has, as a third tag beside the binding's two:
 *
 *     qpoe:<32 hex>
 *
 * and before anything is sent a second time, the instance's jobs are searched for it. The file is named by what was asked for: the
 * same command finds it again. Tags can be copied, and so what is found must also be the person's, and no older than the file.
 */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { toHex, utf8 } from '../core/bytes.ts';
import { DIGEST_PATTERN, type Digest, digestOf } from '../core/digest.ts';
import { QpoeError } from '../core/error.ts';
import { canonicalBytes } from '../core/jcs.ts';
import { type JsonObject, type JsonValue, parseJsonBytes } from '../core/json.ts';
import { checkShape } from '../core/shape.ts';
import { type BoundProvenance, bindingSchema } from '../record/binding.ts';
import { enterFolder, lookAt, writeAtomic } from '../store/files.ts';
import { readOwnJson } from '../store/own-json.ts';
import { putObject, readObject, type Store } from '../store/store.ts';
import { JOB_ID } from './answers.ts';
import type { JournalFolder } from './journal.ts';

const digest = z.string().check(z.regex(DIGEST_PATTERN)) as unknown as z.ZodMiniType<Digest>;
const text = z.string();
const json = z.unknown() as unknown as z.ZodMiniType<JsonValue>;
const handle = text.check(z.regex(JOB_ID));

/** One circuit of the job, as the person gave it and as the device gets it. */
const programSchema = z.strictObject({
  circuit: digest,
  input: z.optional(z.strictObject({ format: text, digest })),
  values: z.record(text, z.number()),
  shots: z.int(),
  /** The text that is sent. */
  sent: digest,
  layout: z.optional(z.record(text, json)),
  observables: z.optional(digest),
});

/** Everything that the record will say and the provider never hears. */
const planSchema = z.strictObject({
  name: text,
  parameters: z.record(text, z.number()),
  programs: z.array(programSchema).check(z.minLength(1)),
  labels: z.optional(z.strictObject({ label: z.optional(text), note: z.optional(text) })),
});

export type PlannedSubmission = z.infer<typeof planSchema>;

const schema = z.strictObject({
  version: z.literal(1),
  request: digest,
  marker: text.check(z.regex(/^qpoe:[0-9a-f]{32}$/)),
  begun_at: text,
  backend: text,
  program_id: z.enum(['sampler', 'estimator']),
  /** The PUBs and their options, as they are sent. */
  params: digest,
  plan: digest,
  provenance: z.optional(bindingSchema.shape.provenance as unknown as z.ZodMiniType<BoundProvenance>),
  wants_session: z.optional(z.boolean()),
  session_id: z.optional(handle),
  /** When each attempt was made. */
  attempts: z.array(text),
  job_id: z.optional(handle),
  record_id: z.optional(text),
});

export type Submission = z.infer<typeof schema>;

const MAX_OBJECT_BYTES = 2 ** 28;

/** What was asked for: the same command asks for the same. */
export function requestDigest(asked: JsonObject): Digest {
  return digestOf(canonicalBytes(asked));
}

export function newMarker(): string {
  return `qpoe:${toHex(crypto.getRandomValues(new Uint8Array(16)))}`;
}

export const isMarker = (tag: string): boolean => /^qpoe:[0-9a-f]{32}$/.test(tag);

function folderOf({ path }: JournalFolder): string {
  return join(path, 'submissions');
}

function pathOf(folder: JournalFolder, request: Digest, number: number): string {
  return join(folderOf(folder), `${request.slice('sha256:'.length)}.${number}.json`);
}

export interface HeldSubmission {
  readonly number: number;
  readonly submission: Submission;
}

const NAME = /^([0-9a-f]{64})\.(\d{1,6})\.json$/;

/** Every submission of this instance. @throws QpoeError where one is damaged: it may stand for a job that is paid for */
export function listSubmissions(folder: JournalFolder): readonly HeldSubmission[] {
  const path = folderOf(folder);
  if (lookAt(path)?.isDirectory() !== true) return [];
  return readdirSync(path)
    .flatMap((name) => {
      const [, request, number] = NAME.exec(name) ?? [];
      return request === undefined
        ? []
        : [{ number: Number(number), submission: readSubmission(join(path, name), `sha256:${request}`) }];
    })
    .sort((a, b) => a.number - b.number);
}

function readSubmission(path: string, request: Digest): Submission {
  const shaped = checkShape(schema, readOwnJson(path));
  if (shaped.fault === undefined && shaped.value.request === request) return shaped.value;
  throw new QpoeError(
    'refused',
    `${path} is damaged: ${shaped.fault ?? 'another request'}`,
    'look for its job with `qpoe runtime import --all`, then take it away',
  );
}

/** The newest of a request; undefined where it was never made. */
export function findSubmission(folder: JournalFolder, request: Digest): HeldSubmission | undefined {
  return listSubmissions(folder).findLast(({ submission }) => submission.request === request);
}

/** The one that a job's own file names; undefined where it was taken away. */
export function findSubmissionOf(
  folder: JournalFolder,
  { request, number }: { readonly request: Digest; readonly number: number },
): Submission | undefined {
  const path = pathOf(folder, request, number);
  return lookAt(path)?.isFile() === true ? readSubmission(path, request) : undefined;
}

export function writeSubmission(folder: JournalFolder, { number, submission }: HeldSubmission): void {
  enterFolder(folderOf(folder));
  const path = pathOf(folder, submission.request, number);
  writeAtomic(path, utf8(`${JSON.stringify(submission)}\n`), 0o600);
}

export function keepPlan(store: Store, plan: PlannedSubmission): Digest {
  return putObject(store, canonicalBytes(plan as unknown as JsonValue), 0o600);
}

/** @throws QpoeError `refused` where the store has lost it */
export function readPlan(store: Store, { plan }: Submission): PlannedSubmission {
  const shaped = checkShape(planSchema, parseJsonBytes(heldBytes(store, plan)));
  if (shaped.fault === undefined) return shaped.value;
  throw new QpoeError('refused', `the plan ${plan} of a submission is damaged: ${shaped.fault}`);
}

/** @throws QpoeError `refused` where the store has lost it */
export function heldBytes(store: Store, wanted: Digest): Uint8Array<ArrayBuffer> {
  const bytes = readObject(store, wanted, MAX_OBJECT_BYTES);
  if (bytes !== undefined && digestOf(bytes) === wanted) return bytes;
  throw new QpoeError(
    'refused',
    `the store has lost ${wanted}, a part of a submission`,
    'look for its job with `qpoe runtime import --all`',
  );
}
