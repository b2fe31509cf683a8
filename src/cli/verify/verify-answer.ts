/** What `qpoe verify --json` answers, as a schema. A later version may add checks and codes, and no other member. */

import * as z from 'zod/mini';
import { DIGEST_PATTERN } from '../../core/digest.ts';
import { answerType } from '../../core/identifiers.ts';

const digest = z.string().check(z.regex(DIGEST_PATTERN));

const check = z.strictObject({
  /** `qpoe verify --explain` takes it. */
  id: z.string().check(z.regex(/^[a-z]+(?:\.[a-z_]+)?$/)),
  status: z.enum(['pass', 'fail', 'unknown', 'missing', 'absent', 'skipped']),
  claim: z.string(),
  evidence: z.string(),
  relies_on: z.string(),
  code: z.optional(z.string()),
  hint: z.optional(z.string()),
  part: z.optional(z.string()),
});

const verdict = z.strictObject({
  verdict: z.enum(['pass', 'fail', 'inconclusive']),
  headline: z.string(),
  kind: z.enum(['record', 'statement', 'receipt', 'bundle', 'archive', 'unrecognised']),
  version: z.optional(z.string()),
  record_id: z.optional(z.string()),
  hash: z.optional(z.string()),
  signer: z.optional(z.string()),
  checks: z.array(check),
  not_proven: z.array(z.string()),
});

const exit = z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3), z.literal(4)]);

const file = z.strictObject({
  path: z.string(),
  digest: z.optional(digest),
  size: z.optional(z.int().check(z.nonnegative())),
  outcome: z.enum(['pass', 'fail', 'inconclusive', 'unrecognised', 'unreadable']),
  exit,
  verdict: z.optional(verdict),
  error: z.optional(z.string()),
});

const trust = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('policy'), path: z.string(), digest }),
  z.strictObject({ kind: z.literal('signer'), fingerprint: digest }),
  z.strictObject({ kind: z.literal('integrity-only') }),
  z.strictObject({ kind: z.literal('nobody') }),
]);

export const verifyAnswerSchema = z.strictObject({
  type: z.literal(answerType('verify')),
  /** The worst of the files'. */
  exit,
  /** The version that verified. */
  qpoe: z.string(),
  trust,
  warnings: z.array(z.strictObject({ code: z.literal('trust.in-evidence'), message: z.string() })),
  files: z.array(file),
});
