/**
 * Record v1 (`schema_version` "1.0"): the JSON document that says what ran. Closed: a member that this schema doesn't name
 * is refused, except in the open sections, whose members are hashed and shown but not judged.
 *
 * This is the shape alone. Sums, widths, order of times and signatures are judged in `src/verify`.
 */

import * as z from 'zod/mini';
import { DIGEST_PATTERN, type Digest } from '../core/digest.ts';
import type { JsonValue } from '../core/json.ts';
import { listOf, membersOf } from '../core/shape.ts';
import { parseTime } from '../core/time.ts';
import { bindingSchema } from './binding.ts';

/** Of the records that `makeRecord` makes. */
export const SCHEMA_VERSION = '1.0';
/** Counts are keyed with bit 0 on the right, whatever the SDK’s own order. */
export const BIT_ORDER = 'c[n-1]..c[0]';
/** A result with more outcomes than this stands in the record by digest. */
export const MAX_INLINE_OUTCOMES = 4096;

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;
const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const RECEIPT_ID = /^g1-[0-9a-f]{32}$/;
const KEY = /^[A-Za-z0-9+/]{43}=$/;
const SIGNATURE = /^[A-Za-z0-9+/]{86}==$/;

const name = z.string().check(z.minLength(1));
const digest = z.string().check(z.regex(DIGEST_PATTERN)) as unknown as z.ZodMiniType<Digest>;
const time = z.string().check(
  z.regex(TIME),
  z.refine((text) => parseTime(text) !== undefined, 'no such date in the calendar'),
);
const positive = z.int().check(z.positive());
const nonNegative = z.int().check(z.nonnegative());
const open = z.record(z.string(), z.unknown()) as unknown as z.ZodMiniType<{
  readonly [name: string]: JsonValue;
}>;

/** Open, but for the binding: that one is judged. */
const job = z.looseObject({ binding: z.optional(bindingSchema) }) as unknown as typeof open;

const program = z.strictObject({
  circuit: z.optional(digest),
  input: z.optional(z.strictObject({ format: name, digest })),
  source: z.optional(z.strictObject({ format: name, digest })),
  values: open,
  observables: z.optional(digest),
  shots: nonNegative,
});

const result = z.union([
  z.strictObject({
    kind: z.literal('counts'),
    bits: positive,
    counts: membersOf(z.string().check(z.regex(/^[01]+$/)), positive).check(
      z.refine(
        (counts) => Object.keys(counts).length <= MAX_INLINE_OUTCOMES,
        'too many outcomes to be inline',
      ),
    ),
  }),
  z.strictObject({ kind: z.literal('counts'), bits: positive, outcomes: positive, digest }),
  z.strictObject({
    kind: z.literal('expectation'),
    values: listOf(z.number()).check(z.minLength(1)),
    std_errors: z.optional(listOf(z.number().check(z.nonnegative()))),
  }),
  /** There is none: the provider has lost it, the job failed, or its form isn't known. */
  z.strictObject({ kind: z.literal('none') }),
]);

const executedCircuit = z.strictObject({
  program: nonNegative,
  format: name,
  digest,
  layout: z.optional(open),
});

const signature = z.discriminatedUnion('signature_alg', [
  z.strictObject({
    record_id: z.string().check(z.regex(UUID_V7)),
    created_at: time,
    hash_alg: z.literal('sha256'),
    signature_alg: z.literal('ed25519'),
    public_key: z.string().check(z.regex(KEY)),
    hash: digest,
    signature: z.string().check(z.regex(SIGNATURE)),
  }),
  z.strictObject({
    record_id: z.string().check(z.regex(UUID_V7)),
    created_at: time,
    hash_alg: z.literal('sha256'),
    signature_alg: z.literal('none'),
    public_key: z.null(),
    hash: digest,
    signature: z.null(),
  }),
]);

export const recordSchema = z.strictObject({
  schema_version: z.literal(SCHEMA_VERSION),
  workload: z.strictObject({
    name,
    sdk: name,
    parameters: membersOf(z.string(), z.union([z.string(), z.number(), z.boolean()])),
    shots: nonNegative,
    programs: listOf(program).check(z.minLength(1)),
  }),
  execution: z.strictObject({
    class: z.enum(['executed', 'captured', 'imported', 'supplied']),
    backend: name,
    started_at: time,
    finished_at: time,
    bit_order: z.literal(BIT_ORDER),
    result_summary: listOf(result).check(z.minLength(1)),
    result_digest: digest,
    environment: open,
    seeding: open,
    job,
    calibration: open,
    executed_circuits: listOf(executedCircuit),
    timing: open,
    mitigation: open,
  }),
  source: z.optional(
    z.strictObject({
      commit: z.optional(z.string().check(z.regex(COMMIT))),
      receipt: z.optional(
        z.strictObject({
          receipt_id: z.string().check(z.regex(RECEIPT_ID)),
          /** Of its statement's payload. */
          statement: z.optional(digest),
          /** Of its file, where it came without a statement. */
          file: z.optional(digest),
        }),
      ),
    }),
  ),
  labels: z.optional(z.strictObject({ label: z.optional(z.string()), note: z.optional(z.string()) })),
  record: signature,
});

export type ExecutionRecord = z.infer<typeof recordSchema>;
export type Program = ExecutionRecord['workload']['programs'][number];
export type Result = ExecutionRecord['execution']['result_summary'][number];
