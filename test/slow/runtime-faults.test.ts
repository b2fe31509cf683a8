/** The whole flow with something going wrong at every one of its requests, taken up again each time: one job, one log entry, one record. */

import type { ChildProcess } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Fault } from '../../src/runtime/emulator/faults.ts';
import { AS_IS, type Lab, loggedIn, newLab, recordsIn } from '../runtime-lab.ts';

const MOST_RUNS = 4;

interface Flow {
  /** Requests of the flow so far. */
  count: number;
  child: ChildProcess | undefined;
  /** How often a command had to be run again. */
  reruns: number;
}

/** Submits, binds and bundles a job of so many shots, each command until it succeeds. @returns the job's id */
async function runFlow(lab: Lab, flow: Flow, shots: number): Promise<string> {
  const name = `${shots}.json`;
  await until(
    lab,
    flow,
    'submit',
    'isa.qasm',
    ...AS_IS.slice(0, -1),
    String(shots),
    '--receipt',
    lab.receipt,
    '--session',
    'new',
    '--out',
    name,
  );
  const id = /^job {5}(\S+),/m.exec(readFileSync(lab.place.path(name), 'utf8'))![1]!;
  await until(lab, flow, 'bind', id);
  await until(lab, flow, 'bundle', id, '--compare');
  return id;
}

async function until(lab: Lab, flow: Flow, ...args: string[]): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const child = lab.place.start('runtime', ...args);
    flow.child = child;
    let said = '';
    child.stderr!.on('data', (chunk) => {
      said += chunk;
    });
    const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
    if (code === 0) return;
    expect(attempt, `${args.join(' ')}: ${code}: ${said}`).toBeLessThan(MOST_RUNS);
    flow.reruns++;
  }
}

type Trouble = Fault | { readonly kind: 'kill' };

async function troubled(lab: Lab, at: number, trouble: Trouble, shots: number): Promise<Flow> {
  const flow: Flow = { count: 0, child: undefined, reruns: 0 };
  lab.fault = () => {
    if (flow.count++ !== at) return undefined;
    if (trouble.kind !== 'kill') return trouble;
    flow.child?.kill('SIGKILL');
    return { kind: 'cut' };
  };
  const id = await runFlow(lab, flow, shots);
  lab.fault = () => undefined;
  const records = recordsIn(lab.place).filter(({ workload }) => workload.shots === shots);
  const where = `${trouble.kind} at request ${at}`;
  expect(
    records.map(({ execution }) => execution.job.job_id),
    where,
  ).toEqual([id]);
  expect(records[0].execution.job, where).toMatchObject({ bound_by: 'submission', binding: {} });
  expect(jobsOf(lab, shots), where).toEqual([id]);
  expect(lab.place.qpoe('verify', `${id}.qpoe.json`).code, where).toBe(0);
  // What was sent counts against the five jobs a minute: here every minute has many.
  for (const file of lab.place.files().filter((name) => name.includes('/submissions/')))
    rmSync(lab.place.path(file));
  return flow;
}

/** As the service has them. */
function jobsOf({ emulator }: Lab, shots: number): string[] {
  return emulator
    .jobs()
    .filter(({ params }) => params.shots === shots)
    .map(({ id }) => id);
}

const ANSWERS: readonly Trouble[] = [
  { kind: 'drop' },
  { kind: 'status', status: 500 },
  { kind: 'status', status: 503 },
  { kind: 'status', status: 429 },
];

const TROUBLES: Readonly<Record<string, (at: number) => Trouble>> = {
  'a kill': () => ({ kind: 'kill' }),
  'an answer that is cut off after it was acted on': () => ({ kind: 'cut' }),
  'a dropped request, 500, 503 or 429 in turn': (at) => ANSWERS[at % ANSWERS.length]!,
};

describe.concurrent('at every request', () => {
  it.each(Object.entries(TROUBLES))(
    '%s: one job, one log entry, one record',
    async (_, troubleAt) => {
      const lab = await newLab();
      const smooth = await troubled(lab, -1, troubleAt(0), 100);
      expect(smooth.reruns).toBe(0);
      const requests = smooth.count;
      expect(requests).toBeGreaterThan(15);
      for (let at = 0; at < requests; at++) {
        const before = loggedIn(lab.place);
        const trouble = troubleAt(at);
        const { reruns, count } = await troubled(lab, at, trouble, 101 + at);
        // The fault was met.
        expect(count, `request ${at}`).toBeGreaterThan(at);
        if (trouble.kind === 'kill') expect(reruns, `killed at request ${at}`).toBe(1);
        expect(loggedIn(lab.place) - before, `request ${at}`).toBe(1);
      }
    },
    900_000,
  );
});
