/** As much of IBM's service as the importer's tests need: a few jobs, and answers that a test replaces. */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Place } from './cli.ts';

export const KEY = 'a-key-of-the-tests_0123456789';
export const CRN =
  'crn:v1:bluemix:public:quantum-computing:us-east:a/0a1b2c3d:11112222-3333-4444-5555-666677778888::';
export const ME = 'IBMid-5500000ME1';
export const OTHER = 'IBMid-5500000YOU';

export interface ServedJob {
  readonly id: string;
  readonly status: 'Queued' | 'Running' | 'Completed' | 'Failed' | 'Cancelled';
  readonly program?: string;
  readonly backend?: string;
  readonly params?: unknown;
  /** The very text; undefined answers 204. */
  readonly results?: string;
  readonly gone?: 204 | 404 | 410;
  readonly isPrivate?: boolean;
  readonly user?: string;
  readonly created?: string;
  readonly running?: string;
  readonly finished?: string;
  readonly reason?: string;
  readonly tags?: readonly string[];
  readonly calibrationId?: string;
}

/** What to answer instead: a status, a text, the connection cut at once or after so many bytes, or held open after them. */
export type Said =
  | { readonly status: number; readonly body?: string; readonly headers?: Record<string, string> }
  | { readonly cutAfter: number; readonly hold?: boolean }
  | 'cut'
  | undefined;

export interface IbmService {
  readonly url: string;
  readonly jobs: ServedJob[];
  /** Each request, as method and path. */
  readonly asked: string[];
  /** How often each private job's results were given whole. */
  readonly given: Map<string, number>;
  lie: (asked: string, count: number) => Said;
  /** Seconds that a token lasts. */
  tokenLife: number;
  revoked: Set<string>;
}

export const PLAIN = JSON.stringify({
  results: [{ data: { c: { samples: ['0x3', '0x0', '0x3', '0x1'], num_bits: 2 } }, metadata: {} }],
  metadata: {},
});
const BELL =
  'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[2] q;\nbit[2] c;\nh q[0];\ncx q[0], q[1];\nc[0] = measure q[0];\nc[1] = measure q[1];\n';

export function sampled(id: string, more: Partial<ServedJob> = {}): ServedJob {
  return {
    id,
    status: 'Completed',
    params: { pubs: [[BELL, null, 4]], options: { dynamical_decoupling: { enable: true } }, version: 2 },
    results: PLAIN,
    ...more,
  };
}

export async function startService(jobs: readonly ServedJob[] = []): Promise<IbmService> {
  const service = {
    jobs: [...jobs],
    asked: [] as string[],
    given: new Map<string, number>(),
    lie: (() => undefined) as IbmService['lie'],
    tokenLife: 3600,
    revoked: new Set<string>(),
    tokens: 0,
  };
  const server = createServer((request, response) => {
    answer(service, request, response).catch(() => request.socket.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return Object.assign(service, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

type Inside = Omit<IbmService, 'url'> & { tokens: number };

async function answer(service: Inside, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const asked = `${request.method} ${request.url}`;
  service.asked.push(asked);
  const truth = tell(service, request, Buffer.concat(chunks).toString());
  const said = service.lie(asked, service.asked.filter((before) => before === asked).length);
  if (said === 'cut') {
    request.socket.destroy();
    return;
  }
  if (said !== undefined && 'status' in said) {
    response
      .writeHead(said.status, { 'content-type': 'application/json', ...said.headers })
      .end(said.body ?? '');
    return;
  }
  const { status, body } = truth();
  const bytes = Buffer.from(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': status === 204 ? 0 : bytes.length,
  });
  if (said === undefined) response.end(status === 204 ? undefined : bytes);
  else
    response.write(bytes.subarray(0, said.cutAfter), () => {
      if (said.hold !== true) setTimeout(() => request.socket.destroy(), 20);
    });
}

interface Told {
  readonly status: number;
  readonly body: string;
}

const json = (value: unknown, status = 200): Told => ({ status, body: JSON.stringify(value) });
const fault = (status: number, code: number, message: string): Told =>
  json({ trace: 't', errors: [{ code, message, more_info: 'https://docs' }] }, status);

/** Told only once it is really answered: what is given once is gone then. */
function tell(service: Inside, request: IncomingMessage, body: string): () => Told {
  const url = new URL(request.url!, 'http://service');
  if (url.pathname === '/identity/token') return () => giveToken(service, body);
  const token = request.headers.authorization?.replace('Bearer ', '') ?? '';
  if (!token.startsWith('h.') || service.revoked.has(token)) return () => fault(401, 1200, 'token expired');
  if (url.pathname === '/v3/resources/search')
    return () => json({ items: [{ crn: CRN, name: 'lab' }], search_cursor: null });
  if (request.headers['service-crn'] !== CRN) return () => fault(400, 1215, 'CRN is not valid');
  if (request.headers['ibm-api-version'] !== '2026-04-15') return () => fault(400, 1000, 'version');
  const path = url.pathname.replace('/api/v1', '');
  if (path === '/jobs') return () => listed(service, url.searchParams);
  if (path.startsWith('/backends/')) return () => device(path, url.searchParams);
  const [, , id, what] = path.split('/');
  const job = service.jobs.find((one) => one.id === id);
  if (job === undefined) return () => fault(404, 1291, 'Job not found');
  if (what === 'results') return () => resultsOf(service, job);
  return () =>
    json(
      what === 'metrics' ? metricsOf(job) : describe(job, url.searchParams.get('exclude_params') === 'true'),
    );
}

function giveToken(service: Inside, body: string): Told {
  const form = new URLSearchParams(body);
  if (form.get('apikey') !== KEY)
    return json({ errorCode: 'BXNIM0415E', errorMessage: 'Provided API key could not be found.' }, 400);
  const claims = Buffer.from(JSON.stringify({ iam_id: ME, n: ++service.tokens })).toString('base64url');
  return json({ access_token: `h.${claims}.s`, expires_in: service.tokenLife, expiration: 1 });
}

function listed({ jobs }: Inside, query: URLSearchParams): Told {
  const after = query.get('created_after') ?? '';
  const seen = jobs.filter((job) => createdOf(job) > after);
  const offset = Number(query.get('offset'));
  const limit = Number(query.get('limit'));
  return json({
    jobs: seen.slice(offset, offset + limit).map((job) => describe(job, true)),
    count: seen.length,
    offset,
    limit,
  });
}

const createdOf = ({ created = '2026-03-01T10:00:00.123456Z' }: ServedJob): string => created;

function describe(job: ServedJob, excluded: boolean): object {
  return {
    id: job.id,
    backend: job.backend ?? 'ibm_test',
    state: {
      status: job.status,
      ...(job.reason === undefined ? {} : { reason: job.reason, reason_code: 1517 }),
    },
    status: job.status,
    program: { id: job.program ?? 'sampler' },
    created: createdOf(job),
    cost: 10_000,
    tags: job.tags ?? [],
    user_id: job.user ?? ME,
    usage: { qpu_charge_time_seconds: 3, status: 'complete' },
    a_new_member: { of: 'the service' },
    ...(job.calibrationId === undefined ? {} : { calibration_id: job.calibrationId }),
    ...(job.isPrivate === true ? { private: true } : excluded ? {} : { params: job.params }),
  };
}

function metricsOf(job: ServedJob): object {
  return {
    caller: 'qiskit-version-2/qiskit_ibm_runtime-0.51.0',
    timestamps: {
      created: createdOf(job),
      running: job.running ?? '2026-03-01T10:01:00Z',
      finished: job.finished ?? '2026-03-01T10:02:00.5Z',
    },
    usage: { qpu_charge_time_seconds: 3, status: 'complete' },
    circuits_execution_time_ns: 1_500_000,
    qiskit_version: '2.6.2',
  };
}

function resultsOf({ given }: Inside, job: ServedJob): Told {
  if (job.gone !== undefined)
    return job.gone === 204 ? { status: 204, body: '' } : fault(job.gone, 1291, 'Results not found');
  if (job.results === undefined) return { status: 204, body: '' };
  const before = given.get(job.id) ?? 0;
  if (job.isPrivate === true && before > 0) return fault(404, 1291, 'Results were read');
  given.set(job.id, before + 1);
  return { status: 200, body: job.results };
}

function device(path: string, query: URLSearchParams): Told {
  const [, , name, what] = path.split('/');
  if (name === 'ibm_retired') return fault(404, 1216, 'Backend not found');
  return what === 'properties'
    ? json({
        backend_name: name,
        last_update_date: '2026-03-01T08:00:00+02:00',
        asked: Object.fromEntries(query),
        qubits: [],
      })
    : json({
        backend_name: name,
        backend_version: '1.2.3',
        n_qubits: 2,
        simulator: false,
        processor_type: { family: 'Heron', revision: '2' },
      });
}

export const environmentOf = ({ url }: IbmService, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  QISKIT_IBM_TOKEN: KEY,
  QISKIT_IBM_INSTANCE: CRN,
  QISKIT_IBM_URL: url,
  ...more,
});

/** As `place.qpoe`, without stopping this process, which is the service. */
export async function run(
  place: Place,
  ...args: string[]
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = place.start(...args);
  let stdout = '';
  let stderr = '';
  child.stdout!.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr!.on('data', (chunk) => {
    stderr += chunk;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}
