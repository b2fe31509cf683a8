/** Where the demo works: a home and a store of its own in a temporary folder. The person's are neither read nor written. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileError } from '../../store/files.ts';
import type { Context } from '../context.ts';

export interface DemoPlace {
  readonly path: string;
  readonly home: string;
  readonly store: string;
}

/** It is removed when `use` ends, however it ends; also where a second Ctrl-C ends the process at once. */
export async function withDemoPlace<T>(use: (place: DemoPlace) => Promise<T>): Promise<T> {
  const path = makeTemporary();
  const remove = (): void => rmSync(path, { recursive: true, force: true });
  process.once('exit', remove);
  try {
    return await use({ path, home: join(path, 'demo-home'), store: join(path, 'demo-store') });
  } finally {
    remove();
    process.off('exit', remove);
  }
}

function makeTemporary(): string {
  try {
    return mkdtempSync(join(tmpdir(), 'qpoe-demo-'));
  } catch (error) {
    throw fileError('external', 'make a temporary folder in', tmpdir(), error);
  }
}

/** What the demo's commands are given: nothing of the person's environment but the path, and no one to talk to. */
export function contextIn({ path }: DemoPlace, context: Context): Context {
  const { PATH } = context.environment;
  return {
    ...context,
    environment: { ...(PATH === undefined ? {} : { PATH }), HOME: path },
    json: true,
    say: () => {},
    note: () => {},
    answer: () => {},
    finish: () => {},
  };
}

/** Runs a command as a person would with `--json`, and gives back its answer. */
export async function answerOf<T>(context: Context, command: (context: Context) => unknown): Promise<T> {
  let answer: object | undefined;
  await command({
    ...context,
    answer: (_, content) => {
      answer = content;
    },
  });
  return answer as T;
}
