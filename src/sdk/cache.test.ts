import { homedir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cacheFolder } from './cache.ts';

test.each([
  [{ QPOE_CACHE: '/a', XDG_CACHE_HOME: '/b' }, '/a'],
  [{ XDG_CACHE_HOME: '/b', HOME: '/c' }, '/b/qpoe'],
  [{ XDG_CACHE_HOME: 'relative', HOME: '/c' }, '/c/.cache/qpoe'],
  [{ QPOE_CACHE: '', XDG_CACHE_HOME: '' }, join(homedir(), '.cache', 'qpoe')],
])('%o is %s', (env, folder) => {
  expect(cacheFolder(env)).toBe(folder);
});
