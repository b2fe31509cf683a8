/** Sessions and batches: jobs that belong together, until no more are taken. */

import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { checkShape } from '../../core/shape.ts';
import { ApiError, CODES, invalid } from './api-error.ts';

export interface Session {
  readonly id: string;
  readonly backend: string;
  readonly mode: 'dedicated' | 'batch';
  readonly userId: string;
  readonly maxSeconds: number;
  readonly started: number;
  accepting: boolean;
  state: 'open' | 'active' | 'closed';
  activated?: number;
  closed?: number;
  lastStarted?: number;
  lastCompleted?: number;
}

const DEFAULT_SECONDS = 28_800;
const INTERACTIVE_SECONDS = 60;

const createSchema = z.looseObject({
  mode: z.enum(['dedicated', 'batch']),
  backend: z.optional(z.string()),
  backend_name: z.optional(z.string()),
  max_ttl: z.optional(z.int().check(z.positive())),
});
const updateSchema = z.looseObject({ accepting_jobs: z.boolean() });

export interface Sessions {
  create(body: JsonValue, userId: string, knows: (backend: string) => boolean): Session;
  /** @throws ApiError 404 */
  find(id: string): Session;
  /** @throws ApiError 400 where it takes no job */
  demandAccepting(id: string, backend: string): Session;
  /** @param pending  whether jobs of it wait or run: they end it then */
  update(id: string, body: JsonValue, pending: boolean): void;
  close(id: string): void;
  noteStart(id: string | undefined): void;
  /** @param pending  whether other jobs of it wait */
  noteEnd(id: string | undefined, pending: boolean): void;
}

export function openSessions(now: () => number): Sessions {
  const sessions = new Map<string, Session>();

  function find(id: string): Session {
    const session = sessions.get(id);
    if (session === undefined) throw new ApiError(404, CODES.noSession, 'Session not found. Verify its id.');
    if (session.state !== 'closed' && now() > session.started + 1000 * session.maxSeconds) end(session);
    return session;
  }

  function end(session: Session): void {
    session.accepting = false;
    session.state = 'closed';
    session.closed ??= now();
  }

  return {
    create(body, userId, knows) {
      const shaped = checkShape(createSchema, body);
      if (shaped.fault !== undefined) throw invalid(shaped.fault);
      const { mode, max_ttl: maxSeconds = DEFAULT_SECONDS } = shaped.value;
      const backend = shaped.value.backend ?? shaped.value.backend_name;
      if (backend === undefined || !knows(backend))
        throw new ApiError(400, CODES.noBackend, 'Backend not found. Verify its name.');
      const session: Session = {
        id: randomUUID(),
        backend,
        mode,
        userId,
        maxSeconds,
        started: now(),
        accepting: true,
        state: 'open',
      };
      sessions.set(session.id, session);
      return session;
    },
    find,
    demandAccepting(id, backend) {
      const session = find(id);
      if (!session.accepting) throw new ApiError(400, CODES.sessionClosed, 'The session is closed.');
      if (session.backend !== backend) throw invalid(`The session is on the backend ${session.backend}.`);
      return session;
    },
    update(id, body, pending) {
      const shaped = checkShape(updateSchema, body);
      if (shaped.fault !== undefined) throw invalid(shaped.fault);
      const session = find(id);
      if (session.state === 'closed') return;
      session.accepting = shaped.value.accepting_jobs;
      if (!session.accepting && !pending) end(session);
    },
    close: (id) => end(find(id)),
    noteStart(id) {
      if (id === undefined) return;
      const session = find(id);
      session.lastStarted = now();
      session.activated ??= now();
      if (session.state === 'open') session.state = 'active';
    },
    noteEnd(id, pending) {
      if (id === undefined) return;
      const session = find(id);
      session.lastCompleted = now();
      if (!session.accepting && !pending) end(session);
    },
  };
}

export function showSession(session: Session): JsonObject {
  const time = (ms: number | undefined) => (ms === undefined ? null : new Date(ms).toISOString());
  const { activated, closed, lastStarted, lastCompleted } = session;
  const used =
    activated === undefined ? undefined : ((closed ?? lastCompleted ?? activated) - activated) / 1000;
  return {
    id: session.id,
    backend_name: session.backend,
    mode: session.mode,
    state: session.state,
    accepting_jobs: session.accepting,
    user_id: session.userId,
    max_ttl: session.maxSeconds,
    active_ttl: session.maxSeconds,
    interactive_ttl: INTERACTIVE_SECONDS,
    started_at: time(session.started),
    activated_at: time(activated),
    closed_at: time(closed),
    last_job_started: time(lastStarted),
    last_job_completed: time(lastCompleted),
    elapsed_time: used ?? null,
    timestamps: [
      { status: 'open', timestamp: time(session.started) },
      ...(activated === undefined ? [] : [{ status: 'active', timestamp: time(activated) }]),
      ...(closed === undefined ? [] : [{ status: 'closed', timestamp: time(closed) }]),
    ],
  };
}
