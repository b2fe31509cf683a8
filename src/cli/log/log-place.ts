/** Where the store's log lies, and whose it is. */

import { join } from 'node:path';
import { QpoeError } from '../../core/error.ts';
import { printable } from '../../core/printable.ts';
import { readOwnPolicy } from '../../store/home.ts';
import { readAsCheckpoint } from '../../store/log.ts';
import { logVkeys } from '../../store/log-key.ts';
import type { Store } from '../../store/store.ts';
import { parseVkey, type Vkey } from '../../tlog/vkey.ts';
import { policyLogs } from '../../verify/log-checks.ts';
import type { Context } from '../context.ts';

export function logFolder(store: Store): string {
  return join(store.path, 'log');
}

/**
 * The key of the log in a folder that signed its checkpoint: the one named, or of the home's own logs and the policy's the one with this
 * origin. Never one from the log itself.
 */
export function findLogKey({ home }: Context, log: string, note: Uint8Array, named?: string): Vkey {
  if (named?.includes('+')) return readVkey(named);
  const origin = named ?? readAsCheckpoint(log, note).origin;
  const policy = readOwnPolicy(home);
  const known = [
    ...logVkeys(home),
    ...(policy === undefined ? [] : [...policyLogs(policy).values()].map(({ vkey }) => vkey)),
  ];
  const vkey = known.find(({ name }) => name === origin);
  if (vkey === undefined)
    throw new QpoeError(
      'usage',
      `no key of the log "${printable(origin, 200)}" is known here`,
      'add it to your policy (`qpoe policy add-log`); `qpoe log fsck` takes --vkey',
    );
  return vkey;
}

export function readVkey(text: string): Vkey {
  const { value, fault } = parseVkey(text);
  if (fault !== undefined)
    throw new QpoeError('usage', `--vkey ${printable(text, 200)}: ${fault}`, 'write it as name+hex+base64');
  return value;
}
