/** The cache: what can be made again (Python environments, what was found out about an SDK). Nothing in it is evidence. */

import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

export function cacheFolder(env: NodeJS.ProcessEnv): string {
  if (env.QPOE_CACHE) return resolve(env.QPOE_CACHE);
  // The XDG base directory specification: a relative path is to be ignored.
  if (env.XDG_CACHE_HOME && isAbsolute(env.XDG_CACHE_HOME)) return join(env.XDG_CACHE_HOME, 'qpoe');
  return join(env.HOME || homedir(), '.cache', 'qpoe');
}
