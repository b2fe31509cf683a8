import { expect, it } from 'vitest';
import { type FaultHook, readFaults } from './faults.ts';

const ask = (hook: FaultHook, method: string, path: string, times: number) =>
  Array.from({ length: times }, () => {
    const fault = hook({ method, path });
    return fault === undefined ? '-' : fault.kind === 'status' ? fault.status : fault.kind;
  });

it('counts the requests that a rule is about, and no others', () => {
  const hook = readFaults(
    '503 every 3\n# of the results alone\ncut nth 2 on GET /api/v1/jobs/*/results, 429 first 1 on PUT',
  );
  expect(ask(hook, 'GET', '/api/v1/jobs/a/results', 4)).toEqual(['-', 'cut', 503, '-']);
  expect(ask(hook, 'PUT', '/x', 3)).toEqual([429, 503, '-']);
  expect(ask(hook, 'GET', '/api/v1/jobs/a/b/results', 2)).toEqual(['-', 503]);
});

it('always, without a number; and a pause in milliseconds', () => {
  expect(readFaults('slow:250 on /a.b')({ method: 'GET', path: '/a.b' })).toEqual({ kind: 'slow', ms: 250 });
  expect(readFaults('slow:250 on /a.b')({ method: 'GET', path: '/aXb' })).toBeUndefined();
  expect(ask(readFaults('drop'), 'GET', '/', 2)).toEqual(['drop', 'drop']);
  expect(ask(readFaults(''), 'GET', '/', 1)).toEqual(['-']);
});

it.each(['200 every 3', '503 every 0', 'explode', '503 every 3 of them', 'slow', 'cut nth x'])(
  'refuses %s',
  (rule) => {
    expect(() => readFaults(rule)).toThrow('--faults: not a rule');
  },
);
