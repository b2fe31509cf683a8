import { expect, test } from 'vitest';
import { cacheFolder } from './cache.ts';

test.each([
  [{ QPOE_CACHE: '/a', XDG_CACHE_HOME: '/b' }, '/a'],
  [{ XDG_CACHE_HOME: '/b', HOME: '/c' }, '/b/qpoe'],
  [{ XDG_CACHE_HOME: 'relative', HOME: '/c' }, '/c/.cache/qpoe'],
  [{ QPOE_CACHE: '', XDG_CACHE_HOME: '', HOME: '/c' }, '/c/.cache/qpoe'],
])('%o is %s', (env, folder) => {
  expect(cacheFolder(env)).toBe(folder);
});

test.each([
  [{ QPOE_CACHE: 'here' }, /QPOE_CACHE is not an absolute path/],
  [{ HOME: '.' }, /no folder for the cache is known/],
  [{}, /no folder for the cache is known/],
])('%o is refused: what lies in a cache is run', (env, reason) => {
  expect(() => cacheFolder(env)).toThrow(reason);
});
