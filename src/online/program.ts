/**
 * A command-line tool of the person's own machine, run without a shell, that can neither hang nor flood: it has a time limit
 * and an output limit, no stdin, and is ended where one of them is passed or the person gives up.
 */

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { QpoeError } from '../core/error.ts';
import { printable } from '../core/printable.ts';

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly folder?: string;
  /** What to do where it isn't installed. */
  readonly install: string;
}

export interface ProgramLimits {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

export interface ProgramExit {
  /** 0 is success. Undefined: a signal ended it. */
  readonly code: number | undefined;
  readonly stderr: string;
}

const KEPT_STDERR_BYTES = 64 * 2 ** 10;

/** @throws QpoeError `external` (not installed, hung), `refused` (too much output), `interrupted` */
export function runProgram(
  program: Program,
  limits: ProgramLimits,
  onOutput: (chunk: Uint8Array) => void,
): Promise<ProgramExit> {
  const { promise, resolve, reject } = Promise.withResolvers<ProgramExit>();
  if (limits.signal.aborted) return Promise.reject(interrupted(program));
  const child = spawn(program.command, program.args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
    env: program.env,
    ...(program.folder === undefined ? {} : { cwd: program.folder }),
  });
  const timer = setTimeout(() => stop(tookTooLong(program, limits.timeoutMs)), limits.timeoutMs);
  const onAbort = () => stop(interrupted(program));
  limits.signal.addEventListener('abort', onAbort);
  countOutput(child, limits.maxBytes, onOutput, () => stop(tooMuch(program, limits.maxBytes)));
  const stderr = keepLast(child);
  child.on('error', (cause) => stop(notStarted(program, cause)));
  child.on('close', (code) => {
    settle();
    resolve({ code: code ?? undefined, stderr: stderr() });
  });
  return promise;

  function stop(error: QpoeError): void {
    settle();
    child.kill('SIGKILL');
    child.stdout.destroy();
    child.stderr.destroy();
    reject(error);
  }

  function settle(): void {
    clearTimeout(timer);
    limits.signal.removeEventListener('abort', onAbort);
  }
}

/** The whole output of a program that says little. */
export async function readProgram(
  program: Program,
  limits: ProgramLimits,
): Promise<ProgramExit & { readonly stdout: Uint8Array }> {
  const chunks: Uint8Array[] = [];
  const exit = await runProgram(program, limits, (chunk) => chunks.push(chunk));
  return { ...exit, stdout: Buffer.concat(chunks) };
}

type Child = ChildProcessByStdio<null, Readable, Readable>;

function countOutput(
  child: Child,
  limit: number,
  onOutput: (chunk: Uint8Array) => void,
  onOverflow: () => void,
): void {
  let size = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > limit) onOverflow();
    else onOutput(chunk);
  });
}

function keepLast(child: Child): () => string {
  let kept = Buffer.alloc(0);
  child.stderr.on('data', (chunk: Buffer) => {
    kept = Buffer.concat([kept, chunk]).subarray(-KEPT_STDERR_BYTES);
  });
  return () => kept.toString();
}

/** Its own account of why it gave up, on one line. */
export function describeFailure({ code, stderr }: ProgramExit): string {
  const lines = stderr.split(/[\r\n]+/).filter((line) => line.trim() !== '');
  const said = lines.find((line) => /^(?:fatal: |error: |❌)/u.test(line)) ?? lines.at(-1);
  const how = code === undefined ? 'a signal ended it' : `exit code ${code}`;
  return said === undefined ? how : `${how}: ${printable(said.trim(), 300)}`;
}

function interrupted({ command }: Program): QpoeError {
  return new QpoeError('interrupted', `${printable(command)} was stopped: interrupted`);
}

function tookTooLong({ command }: Program, timeoutMs: number): QpoeError {
  return new QpoeError(
    'external',
    `${printable(command)} was stopped: no end within its time limit of ${timeoutMs / 1000} s`,
  );
}

function tooMuch({ command }: Program, limit: number): QpoeError {
  return new QpoeError('refused', `${printable(command)} was stopped: it wrote more than ${limit} bytes`);
}

function notStarted({ command, install }: Program, cause: Error): QpoeError {
  const reason = NOT_STARTED[String((cause as NodeJS.ErrnoException).code)] ?? printable(cause.message);
  return new QpoeError('external', `${printable(command)} can't be started: ${reason}`, install, { cause });
}

const NOT_STARTED: Readonly<Record<string, string>> = {
  ENOENT: 'no such program',
  EACCES: 'not executable',
};
