/** A home and a store with a log in it, for the tests of the log on the disk. */

import { lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Bytes, utf8 } from '../src/core/bytes.ts';
import { isTemporary } from '../src/store/files.ts';
import { homeAt } from '../src/store/home.ts';
import type { LogPlace } from '../src/store/log.ts';

/** Where a log can be made: in a store and with a home of the test's own. */
export function newLogPlace(): LogPlace {
  const root = mkdtempSync(join(tmpdir(), 'qpoe-log-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return logPlaceIn(root);
}

export function logPlaceIn(root: string): LogPlace {
  mkdirSync(join(root, 'store'));
  return { path: join(root, 'store', 'log'), home: homeAt(join(root, 'home')), passphrase: undefined };
}

/** Entries that differ, from `first` on; of different lengths, so that a shift is seen. */
export function entriesFrom(first: number, count: number): readonly Bytes[] {
  return Array.from({ length: count }, (_, i) => utf8(`entry ${first + i}${'.'.repeat((first + i) % 7)}`));
}

/** The files of a log, by their paths in it; without the folders that it is still removing. */
export function logFiles(log: string): readonly string[] {
  return readdirSync(log)
    .filter((name) => !isTemporary(name))
    .flatMap((name) => (lstatSync(join(log, name)).isDirectory() ? filesBelow(log, name) : [name]))
    .sort();
}

function filesBelow(log: string, folder: string): readonly string[] {
  return readdirSync(join(log, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(log.length + 1));
}
