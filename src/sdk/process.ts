/**
 * A program of someone else's, run so that it can neither hang, flood nor outlive us: it leads a process group of its own,
 * has a time limit and an output limit, and is ended with everything it started.
 */

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { QpoeError } from '../core/error.ts';
import { printable } from '../core/printable.ts';

export interface Command {
  /** What it is called in messages: `the Qiskit runner`. */
  readonly title: string;
  readonly program: string;
  readonly args: readonly string[];
  /** Written to stdin, which then stays open until the process ends: a lifeline. */
  readonly input?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly folder?: string;
  readonly onLine?: (line: string) => void;
  /** Takes the output as it comes, which is then not kept. */
  readonly onOutput?: (chunk: Uint8Array) => void;
  /** What to do where it can't be started, hangs or floods. */
  readonly advice?: Advice;
}

interface Advice {
  readonly missing: string;
  readonly slow?: string;
  readonly large?: string;
}

export interface ProcessLimits {
  readonly timeoutMs?: number;
  readonly signal: AbortSignal;
  readonly maxOutputBytes?: number;
}

export interface Exit {
  readonly stdout: Uint8Array;
  /** The last of it. */
  readonly stderr: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const MAX_OUTPUT_BYTES = 256 * 2 ** 20;
const KEPT_STDERR_BYTES = 64 * 2 ** 10;
/** A longer timer would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** @throws QpoeError `external` (can't be started, hung, too much output), `interrupted` */
export function runProcess(command: Command, limits: ProcessLimits): Promise<Exit> {
  const { promise, resolve, reject } = Promise.withResolvers<Exit>();
  if (limits.signal.aborted) return Promise.reject(interrupted(command));
  const child = startChild(command);
  const timer = setTimeout(
    () => stop(tookTooLong(command, limits.timeoutMs!)),
    Math.min(limits.timeoutMs ?? LONGEST_TIMER_MS, LONGEST_TIMER_MS),
  );
  const onAbort = () => stop(interrupted(command));
  const stdout = collectOutput(child, limits.maxOutputBytes ?? MAX_OUTPUT_BYTES, command.onOutput, (limit) =>
    stop(tooMuch(command, limit)),
  );
  const stderr = keepLast(child, KEPT_STDERR_BYTES);
  limits.signal.addEventListener('abort', onAbort);
  if (command.onLine !== undefined) reportLines(child, command.onLine);
  child.on('error', (cause) => stop(notStarted(command, cause)));
  // What it started may still hold the pipes: without this, 'close' would wait for them.
  child.on('exit', () => killGroup(child));
  child.on('close', (code, signal) => {
    settle();
    resolve({ stdout: stdout(), stderr: stderr(), code, signal });
  });
  return promise;

  function stop(error: QpoeError): void {
    settle();
    killGroup(child);
    for (const stream of child.stdio) stream?.destroy();
    reject(error);
  }

  function settle(): void {
    clearTimeout(timer);
    limits.signal.removeEventListener('abort', onAbort);
    child.stdin.destroy();
  }
}

function startChild(command: Command): ChildProcessWithoutNullStreams {
  const child = spawn(command.program, command.args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
    windowsHide: true,
    env: command.env ?? process.env,
    ...(command.folder === undefined ? {} : { cwd: command.folder }),
  });
  // A process that ends without reading its request breaks the pipe; how it ended says more, and is reported.
  child.stdin.on('error', () => {});
  if (command.input !== undefined) child.stdin.write(command.input);
  return child;
}

function collectOutput(
  child: ChildProcessWithoutNullStreams,
  limit: number,
  onOutput: ((chunk: Uint8Array) => void) | undefined,
  onOverflow: (limit: number) => void,
): () => Uint8Array {
  const chunks: Buffer[] = [];
  let size = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > limit) onOverflow(limit);
    else if (onOutput === undefined) chunks.push(chunk);
    else onOutput(chunk);
  });
  return () => Buffer.concat(chunks);
}

function keepLast(child: ChildProcessWithoutNullStreams, limit: number): () => string {
  let kept = Buffer.alloc(0);
  child.stderr.on('data', (chunk: Buffer) => {
    kept = Buffer.concat([kept, chunk]).subarray(-limit);
  });
  return () => kept.toString();
}

function reportLines(child: ChildProcessWithoutNullStreams, onLine: (line: string) => void): void {
  let rest = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop()!.slice(-KEPT_STDERR_BYTES);
    for (const line of lines) if (line.trim() !== '') onLine(printable(line.trim()));
  });
}

function killGroup(child: ChildProcessWithoutNullStreams): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill('SIGKILL');
    else process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    // No one is left in the group, which is what was wanted. macOS says EPERM where only a zombie is left.
    if (!['ESRCH', 'EPERM'].includes(String((error as NodeJS.ErrnoException).code))) throw error;
  }
}

/** The line that says why, or else the last that says something, for a message of one line. */
export function lastLine(text: string): string | undefined {
  const lines = text.split(/[\r\n]+/).filter((candidate) => candidate.trim() !== '');
  const line = lines.find((candidate) => /^(?:fatal: |error: |❌)/u.test(candidate)) ?? lines.at(-1);
  return line === undefined ? undefined : printable(line.trim(), 300);
}

/** `exit code 1` or `signal SIGSEGV`, and the last thing it said. */
export function describeExit(exit: Exit): string {
  const how = exit.signal === null ? `exit code ${exit.code}` : `signal ${exit.signal}`;
  const said = lastLine(exit.stderr);
  return said === undefined ? how : `${how}: ${said}`;
}

/** What most that is run here is: an SDK in a Python. */
const SDK_ADVICE: Advice = {
  missing: 'name a working Python with --python FILE',
  slow: 'use fewer qubits or shots, or a longer time limit',
  large: 'use fewer shots or fewer measured bits',
};

function adviceOf({ advice }: Command): Advice {
  return advice ?? SDK_ADVICE;
}

function interrupted(command: Command): QpoeError {
  return new QpoeError('interrupted', `${command.title} was stopped: interrupted`);
}

function tookTooLong(command: Command, timeoutMs: number): QpoeError {
  return new QpoeError(
    'external',
    `${command.title} was stopped: no answer within its time limit of ${timeoutMs / 1000} s`,
    adviceOf(command).slow,
  );
}

function tooMuch(command: Command, limit: number): QpoeError {
  return new QpoeError(
    'external',
    `${command.title} was stopped: it wrote more than ${limit} bytes`,
    adviceOf(command).large,
  );
}

function notStarted(command: Command, cause: Error): QpoeError {
  const reason = NOT_STARTED[String((cause as NodeJS.ErrnoException).code)] ?? printable(cause.message);
  return new QpoeError(
    'external',
    `${command.title} can't be started: ${printable(command.program)}: ${reason}`,
    adviceOf(command).missing,
    { cause },
  );
}

const NOT_STARTED: Readonly<Record<string, string>> = {
  ENOENT: 'no such program',
  EACCES: 'not executable',
};
