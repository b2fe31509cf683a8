/** The built command, run as a person runs it: in a folder of its own, with a home of its own. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export const BIN = join(import.meta.dirname, '../dist/bin/qpoe.js');

interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Place {
  readonly folder: string;
  readonly home: string;
  readonly environment: NodeJS.ProcessEnv;
  qpoe(...args: string[]): Run;
  start(...args: string[]): ChildProcess;
  path(...parts: string[]): string;
  /** Every file below the folder, without the home. */
  files(): string[];
}

export function newPlace(extra: NodeJS.ProcessEnv = {}): Place {
  const root = mkdtempSync(join(tmpdir(), 'qpoe-test-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return placeIn(root, extra);
}

export function placeIn(root: string, extra: NodeJS.ProcessEnv = {}): Place {
  const folder = join(root, 'work');
  const home = join(root, 'home');
  mkdirSync(folder);
  const environment = { PATH: process.env.PATH, HOME: root, QPOE_HOME: home, NO_COLOR: '1', ...extra };
  const options = { cwd: folder, env: environment };
  return {
    folder,
    home,
    environment,
    qpoe(...args) {
      const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...args], {
        ...options,
        maxBuffer: 2 ** 28,
        input: '',
      });
      return { code: status, stdout: stdout.toString(), stderr: stderr.toString() };
    },
    start: (...args) => spawn(process.execPath, [BIN, ...args], options),
    path: (...parts) => join(folder, ...parts),
    files: () =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => !entry.isDirectory())
        .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
        .sort(),
  };
}
