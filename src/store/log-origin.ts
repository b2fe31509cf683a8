/**
 * `log-origin`, beside `log/`: the origin of the log that the store holds, in one line. It can't be made again from the log:
 * it is what a checkpoint of another log that came there is found out by, before anything is removed for its sake.
 */

import { dirname, join } from 'node:path';
import { fromUtf8, utf8 } from '../core/bytes.ts';
import { lookAt, readOwn, writeAtomic } from './files.ts';

const MAX_BYTES = 1000;

export function originPath(log: string): string {
  return join(dirname(log), 'log-origin');
}

/** Undefined where the store says nothing: of a log made before stores did, or one that lies in no store. @throws QpoeError */
export function boundOrigin(log: string): string | undefined {
  const path = originPath(log);
  return lookAt(path) === undefined ? undefined : (fromUtf8(readOwn(path, MAX_BYTES)) ?? '').trimEnd();
}

export function bindStore(log: string, origin: string): void {
  if (boundOrigin(log) !== origin) writeAtomic(originPath(log), utf8(`${origin}\n`));
}
