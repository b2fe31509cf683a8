/**
 * A document's transcripts, run as their reader runs them: one shell for the whole document, in an empty home.
 *
 *     ```console run                 a block of commands and what they print; in a comment, what the reader has already
 *     ```console run needs=qiskit    … where that is there
 *     $ command                      its output follows, or nothing is said of it; `> ` goes on with the command
 *     …                              lines are left out here; at a line's end, its rest
 *
 * A command must succeed, unless the next one is `echo $?`. Digests, ids, keys, times and milliseconds are other ones in each
 * run, but where the document shows one twice it must be the same. Sizes may differ by a factor of two. Ports from 8640 to 8649
 * become free ones.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { BIN } from './cli.ts';
import { cacheDir } from './test-python.ts';

/** Where the documents' reader lives. */
const READER = '/home/ada';

interface Step {
  readonly command: string;
  readonly lines: readonly string[];
  readonly needs: string | undefined;
}

export function stepsOf(document: string): Step[] {
  return [...document.matchAll(/^```console run(.*)\n([\s\S]*?)^```$/gm)].flatMap(([, options, block]) =>
    block!
      .split(/^\$ /m)
      .slice(1)
      .map((step) => {
        const [, command, shown] = /^(.*(?:\n> .*)*)\n?([\s\S]*)$/.exec(step)!;
        return {
          command: command!.replaceAll('\n> ', '\n'),
          lines: shown!.trimEnd() === '' ? [] : shown!.trimEnd().split('\n'),
          needs: /needs=(\S+)/.exec(options!)?.[1],
        };
      }),
  );
}

/** What differs from one run to the next. What is shown once stands for the same thing wherever it is shown again. */
const NAMED = [
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/,
  // A circuit's digest is the same in every run.
  /(?<!circuit sha256:)[0-9a-f]{64}/,
  /g1-[0-9a-f]{32}/,
  /qpoe-[0-9a-f]{12}/,
  /\bd[0-9a-z]{19}\b/,
  /[0-9a-f]{8}\.[0-9a-f]{8}\.qpoe\.internal(?:\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+)?/,
  /[\w.]+\.example\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+/,
  /[A-Za-z0-9+/]{43}=/,
];
const FREE = [/\d+(?= (?:ms|bytes|characters)\b)/, /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/];
/** They move a little with a run's keys and ids; a transcript that shows ten times as much is of another program. */
const SIZES = /\d+(?= (?:bytes|characters)\b)/g;
const VOLATILE = new RegExp([...NAMED, ...FREE].map(({ source }) => source).join('|'), 'g');
const IS_NAMED = new RegExp(`^(?:${NAMED.map(({ source }) => source).join('|')})$`);

/** What a reader's machine has, beside an empty home. */
export interface Machine {
  /** What blocks may need. */
  readonly has: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** The package to install; without it the command that was built is there already. */
  readonly tarball?: string;
}

/** @returns how many commands it ran */
export async function runDocument(document: string, machine: Machine): Promise<number> {
  const { has } = machine;
  const home = mkdtempSync(join(tmpdir(), 'qpoe-reader-'));
  // What was just killed may be writing still.
  onTestFinished(() => rmSync(home, { recursive: true, force: true, maxRetries: 10 }));
  const names = new Map([[READER, home]]);
  for (const [port] of document.matchAll(/\b864\d\b/g))
    names.set(port, names.get(port) ?? (await freePort()));
  const shell = startShell(home, machine);
  const steps = stepsOf(document).filter(({ needs }) => needs === undefined || has.includes(needs));
  for (const [index, { command, lines }] of steps.entries()) {
    const { status, printed } = await shell(substituted(command, names));
    const isLookedAt = steps[index + 1]?.command === 'echo $?';
    if (!isLookedAt) expect(status, `$ ${command}\n${printed}`).toBe(0);
    compare(lines, printed.trimEnd().split('\n'), names, `$ ${command}\n${printed}`);
    const port = / --port (\d+).*&$/.exec(substituted(command, names))?.[1];
    if (port) await listening(Number(port));
  }
  return steps.length;
}

type Shell = (command: string) => Promise<{ readonly status: number; readonly printed: string }>;

function startShell(home: string, { environment, tarball }: Machine): Shell {
  const work = join(home, 'work');
  const bin = join(home, 'bin');
  for (const folder of [work, bin]) mkdirSync(folder);
  if (tarball) copyFileSync(tarball, join(work, basename(tarball)));
  else {
    program(join(bin, 'qpoe'), `exec "${process.execPath}" "${BIN}" "$@"`);
    // In a checkout `npx qpoe` is its own command.
    program(join(bin, 'npx'), 'exec "$@"');
  }
  const child = spawn('bash', ['--norc', '--noprofile'], {
    cwd: work,
    detached: true,
    env: {
      QPOE_CACHE: cacheDir,
      NO_COLOR: '1',
      ...environment,
      HOME: home,
      CHECKOUT: join(import.meta.dirname, '..'),
      // `npm install -g` puts its commands beside the shell's own.
      NPM_CONFIG_PREFIX: home,
      PATH: [bin, dirname(process.execPath), environment.PATH ?? process.env.PATH].join(delimiter),
    },
  });
  // Servers that the document left running are in its group.
  onTestFinished(async () => {
    process.kill(-child.pid!, 'SIGKILL');
    await once(child, 'close');
  });
  child.stdin.write('exec 2>&1\n');
  return (command) => ask(child, command);
}

function program(path: string, line: string): void {
  writeFileSync(path, `#!/bin/sh\n${line}\n`);
  chmodSync(path, 0o755);
}

const END = '\u0004end of step ';

function ask(child: ChildProcess, command: string): ReturnType<Shell> {
  return new Promise((resolve, reject) => {
    let printed = '';
    const read = (part: unknown): void => {
      printed += String(part);
      const end = printed.lastIndexOf(END);
      if (end < 0 || !printed.endsWith('\n')) return;
      child.stdout!.off('data', read);
      child.off('exit', gone);
      resolve({ status: Number(printed.slice(end + END.length)), printed: printed.slice(0, end) });
    };
    const gone = (): void => reject(new Error(`the shell ended: ${printed}`));
    child.stdout!.on('data', read);
    child.once('exit', gone);
    // The status stays for a step that asks for it.
    child.stdin!.write(`${command}\nstatus=$?; printf '\\n${END}%s\\n' $status; (exit $status)\n`);
  });
}

/** Every line that the document shows was printed, in this order, with nothing between but where it says so. */
function compare(
  lines: readonly string[],
  printed: readonly string[],
  names: Map<string, string>,
  context: string,
): void {
  let at = 0;
  let mayJump = false;
  for (const line of lines) {
    if (line === '…') {
      mayJump = true;
      continue;
    }
    const found = printed.findIndex((one, index) => index >= at && isLike(line, one, names));
    expect(found, `not printed: ${line}\n${context}`).toBeGreaterThanOrEqual(0);
    if (!mayJump) expect(found, `not at once: ${line}\n${context}`).toBe(at);
    learn(line, printed[found]!, names);
    at = found + 1;
    mayJump = false;
  }
  if (lines.length > 0 && !mayJump) expect(printed.slice(at), `more was printed\n${context}`).toEqual([]);
}

/** As the document shows it: what it named before is what it was then. */
function isLike(line: string, printed: string, names: ReadonlyMap<string, string>): boolean {
  const shown = substituted(line, names);
  const [text, isBeginning] = shown.endsWith(' …') ? [shown.slice(0, -2), true] : [shown, false];
  const parts = text.split(VOLATILE).map((part) => literal(part));
  const here: string[] = [];
  const shapes = [...text.matchAll(VOLATILE)].map(([token]) => {
    if ([...names.values()].includes(token)) return literal(token);
    if (here.includes(token)) return `\\${here.indexOf(token) + 1}`;
    if (!IS_NAMED.test(token)) return shapeOf(token);
    here.push(token);
    return `(${shapeOf(token)})`;
  });
  const whole = parts.map((part, index) => part + (shapes[index] ?? '')).join('');
  return (
    new RegExp(`^${whole}${isBeginning ? '' : '$'}`).test(printed) &&
    areAlike(sizesIn(text), sizesIn(printed))
  );
}

const sizesIn = (text: string): readonly number[] => [...text.matchAll(SIZES)].map(([size]) => Number(size));

const areAlike = (shown: readonly number[], printed: readonly number[]): boolean =>
  shown.every((size, index) => printed[index]! <= 2 * size && size <= 2 * printed[index]!);

const literal = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');

function shapeOf(token: string): string {
  const shape = [...NAMED, ...FREE].find(({ source }) =>
    new RegExp(`^(?:${source.split('(?=')[0]})$`).test(token),
  );
  return shape!.source;
}

function learn(line: string, printed: string, names: Map<string, string>): void {
  const actual = [...printed.matchAll(VOLATILE)];
  for (const [index, [token]] of [...line.matchAll(VOLATILE)].entries()) {
    if (!IS_NAMED.test(token) || names.has(token)) continue;
    const [value] = actual[index]!;
    expect([...names.values()], `shown before by another name: ${line}`).not.toContain(value);
    names.set(token, value);
  }
}

/** The longest first: a key holds the name of its log. */
function substituted(text: string, names: ReadonlyMap<string, string>): string {
  const known = [...names.keys()].sort((one, other) => other.length - one.length);
  if (known.length === 0) return text;
  return text.replaceAll(
    new RegExp(known.map((name) => literal(name)).join('|'), 'g'),
    (name) => names.get(name)!,
  );
}

async function freePort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return String(port);
}

async function listening(port: number): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if (await accepts(port)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`nothing listens on ${port}`);
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
