/**
 * Every reader of the pure folders on mutated and on hostile input: only what it documents may come out, soon, and in little memory.
 *
 *     node scripts/fuzz-parsers.ts [cases] [seed]
 */

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Hostile, hostileTexts } from './fuzz-hostile.ts';
import { TARGETS, type Target } from './fuzz-targets.ts';
import { busyMs, HANG_MS, MOST_GROWTH, peakMegabytes, randomOf, resetPeak } from './fuzzing.ts';

type Outcome = 'read' | 'refused' | { readonly error: unknown };

interface TargetReport {
  readonly name: string;
  cases: number;
  read: number;
  refused: number;
  /** Milliseconds of the slowest case. */
  slowest: number;
  slowestInput: Uint8Array;
}

interface Crash {
  readonly name: string;
  readonly input: Uint8Array;
  readonly error: unknown;
}

export interface ParserFuzzReport {
  readonly targets: readonly TargetReport[];
  /** What a case threw that its reader doesn't document. */
  readonly crashes: readonly Crash[];
  readonly milliseconds: number;
}

async function readOne({ read, throws }: Target, input: Uint8Array): Promise<Outcome> {
  try {
    const value = await read(Uint8Array.from(input));
    return value === undefined || value === false ? 'refused' : 'read';
  } catch (error) {
    return throws !== undefined && error instanceof throws ? 'refused' : { error };
  }
}

/** The readers in turn, each on mutations of its own seeds. */
export async function fuzzParsers(cases: number, seed: number): Promise<ParserFuzzReport> {
  // Not with the rest: a process that reads hostile texts counts what it takes.
  const { mutate } = await import('./fuzz-mutations.ts');
  const random = randomOf(seed);
  const targets = TARGETS.map(({ name }) => ({
    name,
    cases: 0,
    read: 0,
    refused: 0,
    slowest: 0,
    slowestInput: new Uint8Array(0),
  }));
  const crashes: Crash[] = [];
  const start = performance.now();
  for (let index = 0; index < cases; index++) {
    const at = index % TARGETS.length;
    const input = mutate(random, TARGETS[at]!);
    const began = busyMs();
    const outcome = await readOne(TARGETS[at]!, input);
    const report = targets[at]!;
    const milliseconds = busyMs() - began;
    if (milliseconds > report.slowest) Object.assign(report, { slowest: milliseconds, slowestInput: input });
    report.cases++;
    if (typeof outcome === 'string') report[outcome]++;
    else crashes.push({ name: report.name, input, error: outcome.error });
  }
  return { targets, crashes, milliseconds: performance.now() - start };
}

interface HostileReport {
  readonly target: string;
  readonly name: string;
  readonly milliseconds: number;
  /** What the process took for it, at its peak, beyond what it had before. */
  readonly megabytes: number;
  readonly crash?: string;
}

async function readHostile(target: Target, { name, make }: Hostile): Promise<HostileReport> {
  const input = make();
  globalThis.gc?.();
  const before = resetPeak();
  const start = busyMs();
  const outcome = await readOne(target, input);
  const milliseconds = busyMs() - start;
  const megabytes = peakMegabytes() - before;
  const crash =
    typeof outcome === 'string' ? {} : { crash: String((outcome.error as Error)?.stack ?? outcome.error) };
  return { target: target.name, name, milliseconds, megabytes, ...crash };
}

/** In this process, whose peak memory is then its own. @param only one of its texts; all, one after the other, where there is none */
async function readTarget(name: string, only: string | undefined): Promise<HostileReport[]> {
  const target = TARGETS.find((each) => each.name === name);
  if (target === undefined) throw new Error(`no reader is named ${name}`);
  const reports: HostileReport[] = [];
  for (const text of hostileTexts(target)) {
    if (only !== undefined && text.name !== only) continue;
    reports.push(await readHostile(target, text));
  }
  return reports;
}

const SCRIPT = fileURLToPath(import.meta.url);

function inProcess(...args: readonly string[]): Promise<HostileReport[]> {
  const child = spawn(process.execPath, ['--no-warnings', '--expose-gc', SCRIPT, '--hostile', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    child.stdout.on('data', (part) => parts.push(part));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve(JSON.parse(Buffer.concat(parts).toString()));
      else reject(new Error(`${args.join(': ')}: ended by ${signal ?? `exit code ${code}`}`));
    });
  });
}

/** A process for each reader, and for each of its texts that took much: so that none pays for what came before it. */
async function readHostileTexts({ name }: Target): Promise<HostileReport[]> {
  const together = await inProcess(name);
  const heavy = together.filter(({ megabytes }) => megabytes > MOST_GROWTH);
  const alone: HostileReport[] = [];
  for (const { name: text } of heavy) alone.push(...(await inProcess(name, text)));
  return [...together.filter((report) => !heavy.includes(report)), ...alone];
}

/** Two at a time. */
async function readEachHostile(): Promise<HostileReport[]> {
  const reports: HostileReport[] = [];
  const queue = TARGETS.values();
  const work = async (): Promise<void> => {
    for (const target of queue) reports.push(...(await readHostileTexts(target)));
  };
  await Promise.all([work(), work()]);
  return reports;
}

const most = <T>(items: readonly T[], measure: (item: T) => number): T =>
  items.reduce((a, b) => (measure(b) > measure(a) ? b : a));

const SLOW_MS = 1_000;
const excerpt = (input: Uint8Array): string =>
  JSON.stringify(Buffer.from(input).toString('latin1').slice(0, 400));

async function report(cases: number, seed: number): Promise<boolean> {
  const { targets, crashes, milliseconds } = await fuzzParsers(cases, seed);
  const sum = (name: 'read' | 'refused'): number => targets.reduce((total, one) => total + one[name], 0);
  const slowest = most(targets, (one) => one.slowest);
  console.log(
    `${cases} mutations for ${targets.length} readers in ${(milliseconds / 1000).toFixed(1)} s, seed ${seed}`,
  );
  console.log(`${sum('read')} read, ${sum('refused')} refused, ${crashes.length} crashed`);
  console.log(`slowest: ${slowest.name}, ${slowest.slowest.toFixed(0)} ms`);
  if (slowest.slowest > SLOW_MS) console.log(excerpt(slowest.slowestInput));
  const start = performance.now();
  const hostile = await readEachHostile();
  const slow = most(hostile, (one) => one.milliseconds);
  const large = most(hostile, (one) => one.megabytes);
  console.log(
    `${hostile.length} texts of a megabyte in ${((performance.now() - start) / 1000).toFixed(1)} s`,
  );
  console.log(`slowest: ${slow.target}, ${slow.name}, ${slow.milliseconds.toFixed(0)} ms`);
  console.log(
    `most memory, beyond Node's own: ${large.target}, ${large.name}, ${large.megabytes.toFixed(0)} MB`,
  );
  for (const { name, input, error } of crashes) console.log(name, error, excerpt(input));
  const bad = hostile.filter(
    (one) => one.crash !== undefined || one.milliseconds > HANG_MS || one.megabytes > MOST_GROWTH,
  );
  for (const one of bad) console.log('!!', JSON.stringify(one).slice(0, 600));
  return crashes.length === 0 && bad.length === 0 && slowest.slowest <= HANG_MS;
}

if (import.meta.main) {
  const [first = '20000', second = '1', third] = process.argv.slice(2);
  if (first === '--hostile') console.log(JSON.stringify(await readTarget(second, third)));
  else process.exitCode = (await report(Number(first), Number(second))) ? 0 : 1;
}
