/** The cache: what can be made again (Python environments, what was found out about an SDK). Nothing in it is evidence. */

import { isAbsolute, join } from 'node:path';
import { QpoeError } from '../core/error.ts';

/**
 * `QPOE_CACHE`, else `$XDG_CACHE_HOME/qpoe`, else `~/.cache/qpoe`; always absolute, because what lies there is run, and the
 * working directory may hold a stranger's files.
 * @throws QpoeError `usage` where none is known
 */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  if (env.QPOE_CACHE) {
    if (isAbsolute(env.QPOE_CACHE)) return env.QPOE_CACHE;
    throw new QpoeError(
      'usage',
      `QPOE_CACHE is not an absolute path: ${env.QPOE_CACHE}`,
      'give it from / on',
    );
  }
  // The XDG base directory specification: a relative path is to be ignored.
  if (env.XDG_CACHE_HOME && isAbsolute(env.XDG_CACHE_HOME)) return join(env.XDG_CACHE_HOME, 'qpoe');
  if (env.HOME && isAbsolute(env.HOME)) return join(env.HOME, '.cache', 'qpoe');
  throw new QpoeError(
    'usage',
    'no folder for the cache is known',
    'set HOME, or QPOE_CACHE to an absolute path',
  );
}
