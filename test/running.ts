/** Commands beside servers: of ours in processes of their own, or of the test's in this one, which must go on answering. */

import { expect, onTestFinished } from 'vitest';
import type { Place } from './cli.ts';

/** A command's end, while this process goes on answering. */
export async function run(place: Place, ...args: string[]) {
  const child = place.start(...args);
  const [stdout, stderr] = [[] as string[], [] as string[]];
  child.stdout!.on('data', (chunk) => stdout.push(String(chunk)));
  child.stderr!.on('data', (chunk) => stderr.push(String(chunk)));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, stdout: stdout.join(''), stderr: stderr.join('') };
}

/** What it says on stdout, once it has succeeded. */
export async function output(place: Place, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(place, ...args);
  expect(code, `${args.join(' ')}: ${stderr}`).toBe(0);
  return stdout;
}

/** A server's first answer, once it listens; it ends with the test. */
export async function serve(place: Place, ...args: string[]): Promise<Record<string, string>> {
  const child = place.start(...args, '--json', '-q');
  onTestFinished(() => void child.kill('SIGKILL'));
  return new Promise((resolve, reject) => {
    child.stdout!.once('data', (line) => resolve(JSON.parse(String(line))));
    child.once('exit', (code) => reject(new Error(`it ended with ${code}`)));
  });
}
