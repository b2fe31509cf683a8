/**
 * What was asked of the provider for each job, and what came of it: `runtime/<instance>/<job id>.json` in the store.
 *
 * An import that is interrupted goes on from it, and nothing is asked twice: the results of a private job are given once. Answers are
 * objects of the store; here stand their digests. `<job id>.part` beside it holds results that are still on their way.
 */

import { closeSync, fsyncSync, openSync, readdirSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod/mini';
import { type Bytes, toHex, utf8 } from '../core/bytes.ts';
import { DIGEST_PATTERN, type Digest, sha256 } from '../core/digest.ts';
import { QpoeError } from '../core/error.ts';
import { JsonError, type JsonValue, parseJsonBytes } from '../core/json.ts';
import { checkShape } from '../core/shape.ts';
import type { Spool } from '../online/http-request.ts';
import { type Binding, bindingSchema } from '../record/binding.ts';
import {
  enterFolder,
  fileError,
  lookAt,
  readOwn,
  removeIfPossible,
  writeAllAtomic,
  writeAtomic,
} from '../store/files.ts';
import type { Store } from '../store/store.ts';
import { JOB_ID } from './answers.ts';
import { RESULT_LIMITS } from './job-results/decode.ts';

const digest = z.string().check(z.regex(DIGEST_PATTERN)) as unknown as z.ZodMiniType<Digest>;
const kept = z.strictObject({ status: z.int(), digest, at: z.string() });

const schema = z.strictObject({
  version: z.literal(1),
  job_id: z.string().check(z.regex(JOB_ID)),
  job: z.optional(kept),
  metrics: z.optional(kept),
  /** `truncated`: the connection broke, and the provider gives them only once. */
  results: z.optional(z.extend(kept, { truncated: z.optional(z.boolean()) })),
  record_id: z.optional(z.string()),
  /** The submission that it was sent in by, from this store. */
  submission: z.optional(z.strictObject({ request: digest, number: z.int() })),
  /** What it was bound to, from this store. */
  binding: z.optional(bindingSchema as unknown as z.ZodMiniType<Binding>),
  /** What became of it, for the list of what is gone. */
  outcome: z.optional(z.enum(['recorded', 'gone', 'failed', 'cancelled'])),
  reason: z.optional(z.string()),
});

export type Journal = z.infer<typeof schema>;
export type KeptAnswer = z.infer<typeof kept>;

export interface JournalFolder {
  readonly path: string;
}

const MAX_JOURNAL_BYTES = 100_000;

/** @param crn whose digest names the folder: job ids are one instance's */
export function openJournals(store: Store, crn: string): JournalFolder {
  const above = join(store.path, 'runtime');
  enterFolder(above);
  const path = join(above, toHex(sha256(utf8(crn))).slice(0, 16));
  enterFolder(path);
  return { path };
}

/** Where writers of one store take turns: two imports would ask for a private job's results twice. */
export function journalsLock({ path }: JournalFolder): string {
  return join(dirname(path), 'lock');
}

/** Where senders of one store take turns: two of one request would pay twice. */
export function submissionsLock({ path }: JournalFolder): string {
  return join(dirname(path), 'submit.lock');
}

function journalPath({ path }: JournalFolder, jobId: string): string {
  if (!JOB_ID.test(jobId)) throw new QpoeError('usage', `"${jobId}" is not a job id`);
  return join(path, `${jobId}.json`);
}

export function readJournal(folder: JournalFolder, jobId: string): Journal {
  const path = journalPath(folder, jobId);
  if (lookAt(path) === undefined) return { version: 1, job_id: jobId };
  const shaped = checkShape(schema, parse(readOwn(path, MAX_JOURNAL_BYTES)));
  if (shaped.fault !== undefined || shaped.value.job_id !== jobId)
    throw new QpoeError(
      'refused',
      `${path} is damaged: ${shaped.fault ?? 'another job'}`,
      'take it away, and import again',
    );
  return shaped.value;
}

function parse(bytes: Uint8Array): JsonValue {
  try {
    return parseJsonBytes(bytes);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return null;
  }
}

export function writeJournal(folder: JournalFolder, journal: Journal): void {
  writeAtomic(journalPath(folder, journal.job_id), utf8(`${JSON.stringify(journal)}\n`), 0o600);
}

/** The same of many, for which the disk is waited for together. */
export function writeJournals(folder: JournalFolder, journals: readonly Journal[]): Promise<void> {
  return writeAllAtomic(
    journals.map((journal) => ({
      path: journalPath(folder, journal.job_id),
      bytes: utf8(`${JSON.stringify(journal)}\n`),
      mode: 0o600,
    })),
  );
}

/** Every journal that can be read. */
export function* listJournals(folder: JournalFolder): Generator<Journal> {
  for (const name of readdirSync(folder.path).sort()) {
    const id = /^(.+)\.json$/.exec(name)?.[1];
    if (id !== undefined && JOB_ID.test(id)) yield readJournal(folder, id);
  }
}

function spoolPath(folder: JournalFolder, jobId: string): string {
  return `${journalPath(folder, jobId).slice(0, -'json'.length)}part`;
}

/** Results on their way, made durable part by part: a later attempt may get none. */
export function openSpool(folder: JournalFolder, jobId: string): Spool & { end(): void } {
  const path = spoolPath(folder, jobId);
  let file: number | undefined;
  const end = (): void => {
    if (file === undefined) return;
    fsyncSync(file);
    closeSync(file);
    file = undefined;
  };
  return {
    begin: () => {
      end();
      if (lookAt(path)?.isSymbolicLink()) throw new QpoeError('unsafe', `${path} is a link`, 'take it away');
      file = openSync(path, 'w', 0o600);
    },
    take: (part) => {
      try {
        for (let at = 0; at < part.length; ) at += writeSync(file!, part, at, part.length - at);
      } catch (error) {
        throw fileError('external', 'write', path, error);
      }
    },
    end,
  };
}

/** What an earlier attempt got; undefined where it got nothing. */
export function readSpool(folder: JournalFolder, jobId: string): Bytes | undefined {
  const path = spoolPath(folder, jobId);
  if (lookAt(path)?.isFile() !== true) return undefined;
  const bytes = readOwn(path, 2 ** 31);
  return bytes.length === 0 ? undefined : bytes;
}

/** Whether bytes are a whole JSON document: what a kill left may be complete. */
export function isWhole(bytes: Uint8Array): boolean {
  try {
    parseJsonBytes(bytes, RESULT_LIMITS);
    return true;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return false;
  }
}

export function removeSpool(folder: JournalFolder, jobId: string): void {
  removeIfPossible(spoolPath(folder, jobId));
}
