import { expect, it } from 'vitest';
// @ts-expect-error: plain JavaScript, which the runner's Node reads as it is
import { globPattern } from '../action/glob.mjs';

it.each([
  [
    '**/*.qpoe.json',
    ['x.qpoe.json', 'a/b/x.qpoe.json', '.a/.x.qpoe.json', 'a/.qpoe.json', 'a\nb.qpoe.json'],
    ['x.qpoe.jsonx', 'xqpoe.json', 'x.qpoe.json/y'],
  ],
  ['results/*.json', ['results/a.json'], ['results/a/b.json', 'other/results/a.json']],
  ['a?c(.)[d]', ['abc(.)[d]'], ['ac(.)[d]', 'a/c(.)[d]', 'abcxd']],
  ['results/**', ['results/a', 'results/a/b'], ['results', 'xresults/a']],
])('%s', (glob, yes, no) => {
  for (const path of yes) expect(globPattern(glob).test(path), path).toBe(true);
  for (const path of no) expect(globPattern(glob).test(path), path).toBe(false);
});
