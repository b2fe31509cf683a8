/**
 * A binding: which provider's job or session goes with which signed receipt and which entry of a log, in the shape of the note
 * "A portable provenance pattern for Qiskit Runtime workflows"
 * (https://invariantsystems.io/ecosystem/qiskit-runtime-provenance/):
 *
 *     {"runtime":{"provider":"qiskit-runtime","session_id":"session-123","job_id":"job-456"},
 *      "provenance":{"aiir_statement":"sha256:…",
 *                    "transparency_entry":{"log":"rekor","uuid":"…","log_index":123456}}}
 *
 * `aiir_statement` is the digest of the statement's DSSE payload. `log` is the log's origin, of a Rekor v1 its host name; a bare
 * `rekor` is the note's, and says nothing beside the uuid. Only a Rekor v1 has a `uuid`: the tree id, where it is given, and the
 * leaf's hash. The provider's handle is the key that an auditor looks for; it is of the job, of its session, or of both.
 *
 * Closed: a member that someone added beside these would look bound, and nothing would have judged it.
 */

import * as z from 'zod/mini';
import { DIGEST_PATTERN, type Digest } from '../core/digest.ts';
import { checkShape, type Shaped } from '../core/shape.ts';

/** A handle goes into addresses and file names. */
const HANDLE = /^[A-Za-z0-9_-]{1,128}$/;
/** A key name as signed notes have it: neither blank nor plus. */
const LOG = /^[!-*,-~]{1,255}$/;
export const REKOR_UUID = /^(?:[0-9a-f]{16})?[0-9a-f]{64}$/;

const provider = z.string().check(z.regex(HANDLE));
const handle = z.string().check(z.regex(HANDLE));

/** One of the two handles at least: a binding without one would be any job's. */
const runtime = z.union([
  z.strictObject({ provider, session_id: z.optional(handle), job_id: handle }),
  z.strictObject({ provider, session_id: handle }),
]);

const transparencyEntry = z.strictObject({
  log: z.string().check(z.regex(LOG)),
  uuid: z.optional(z.string().check(z.regex(REKOR_UUID))),
  log_index: z.int().check(z.nonnegative()),
});

export const bindingSchema = z.strictObject({
  runtime,
  provenance: z.strictObject({
    aiir_statement: z.string().check(z.regex(DIGEST_PATTERN)) as unknown as z.ZodMiniType<Digest>,
    transparency_entry: transparencyEntry,
  }),
});

export interface TransparencyEntry {
  readonly log: string;
  readonly uuid?: string;
  readonly log_index: number;
}

export interface BoundProvenance {
  readonly aiir_statement: Digest;
  readonly transparency_entry: TransparencyEntry;
}

interface BoundRuntime {
  readonly provider: string;
  readonly session_id?: string;
  readonly job_id?: string;
}

export interface Binding {
  readonly runtime: BoundRuntime;
  readonly provenance: BoundProvenance;
}

/** The very value, once it has a binding's shape; or where it departs from it. */
export function readBinding(value: unknown): Shaped<Binding> {
  const { fault } = checkShape(bindingSchema, value);
  return fault === undefined ? { value: value as Binding } : { fault };
}
