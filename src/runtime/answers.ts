/**
 * What of the service's answers is used. They are loose on purpose: members that aren't named here survive in the raw bytes,
 * and a new one breaks nothing.
 */

import * as z from 'zod/mini';
import type { JsonValue } from '../core/json.ts';

const json = z.unknown() as unknown as z.ZodMiniType<JsonValue>;
const optional = <T extends z.ZodMiniType>(schema: T) => z.optional(z.nullable(schema));

/** It names files and paths of addresses. */
export const JOB_ID = /^[A-Za-z0-9_-]{1,128}$/;

export const jobAnswer = z.looseObject({
  id: z.string().check(z.regex(JOB_ID)),
  backend: optional(z.string()),
  state: optional(
    z.looseObject({
      status: z.string(),
      reason: optional(z.string()),
      reason_code: optional(z.number()),
    }),
  ),
  status: optional(z.string()),
  params: optional(json),
  program: optional(z.looseObject({ id: z.string() })),
  created: optional(z.string()),
  cost: optional(z.number()),
  tags: optional(z.array(z.string())),
  session_id: optional(z.string()),
  user_id: optional(z.string()),
  usage: optional(json),
  private: optional(z.boolean()),
  calibration_id: optional(z.string()),
  estimated_running_time_seconds: optional(z.number()),
});
export type JobAnswer = z.infer<typeof jobAnswer>;

export const jobsAnswer = z.looseObject({
  jobs: z.array(jobAnswer),
  count: optional(z.int()),
});

/** Of a job that was taken. */
export const createdAnswer = z.looseObject({
  id: z.string().check(z.regex(JOB_ID)),
  session_id: optional(z.string()),
});

export const sessionAnswer = z.looseObject({ id: z.string().check(z.regex(JOB_ID)) });

export const backendsAnswer = z.looseObject({
  devices: z.array(
    z.looseObject({
      name: z.string(),
      queue_length: optional(z.number()),
      wait_time_seconds: optional(z.looseObject({ average: optional(z.number()) })),
    }),
  ),
});

export const metricsAnswer = z.looseObject({
  timestamps: optional(
    z.looseObject({
      created: optional(z.string()),
      running: optional(z.string()),
      finished: optional(z.string()),
    }),
  ),
  usage: optional(json),
  circuits_execution_time_ns: optional(z.number()),
  qiskit_version: optional(z.string()),
  caller: optional(z.string()),
});
export type MetricsAnswer = z.infer<typeof metricsAnswer>;

export const propertiesAnswer = z.looseObject({ last_update_date: optional(z.string()) });

export const configurationAnswer = z.looseObject({
  backend_version: optional(z.string()),
  n_qubits: optional(z.int()),
  simulator: optional(z.boolean()),
  processor_type: optional(json),
});

export const searchAnswer = z.looseObject({
  items: z.array(z.looseObject({ crn: z.string(), name: optional(z.string()) })),
  search_cursor: optional(z.string()),
});

export const errorAnswer = z.looseObject({
  errors: z.array(
    z.looseObject({ code: optional(z.union([z.string(), z.number()])), message: optional(z.string()) }),
  ),
});

/** Whether a job has come to its end. */
export type JobStatus = 'pending' | 'completed' | 'failed' | 'cancelled' | 'unknown';

export function statusOf({ state, status }: JobAnswer): JobStatus {
  const text = (state?.status ?? status ?? '').toLowerCase();
  if (text === 'queued' || text === 'running') return 'pending';
  if (text === 'completed' || text === 'failed') return text;
  // The list also says "Cancelled - Ran too long".
  return text.startsWith('cancelled') ? 'cancelled' : 'unknown';
}
