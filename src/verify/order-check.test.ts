import { describe, expect, it } from 'vitest';
import { content } from '../../test/records.ts';
import type { JsonObject } from '../core/json.ts';
import type { ExecutionRecord } from '../record/schema.ts';
import { orderCheck } from './order-check.ts';
import type { Trust } from './trust.ts';

const CREATED = '2026-11-21T10:00:00Z';
const RUNNING = '2026-11-21T11:00:00Z';
const timing = { source: 'the provider', created: CREATED, running: RUNNING };
const trust: Trust = {
  kind: 'policy',
  path: 'trust.toml',
  policy: { version: 1, require: { skew: '1m' } },
};

const recordOf = (told: JsonObject, how = 'imported'): ExecutionRecord => {
  const { workload, execution } = content();
  return { workload, execution: { ...execution, class: how, timing: told } } as ExecutionRecord;
};
const order = (at: string, record = recordOf(timing)) =>
  orderCheck(record, { ms: Date.parse(at), source: 'a witness' }, trust);

describe('order.declared_before_run', () => {
  it('passes where the receipt was seen before the job was created', () => {
    expect(order('2026-11-21T09:59:00Z')).toMatchObject({
      status: 'pass',
      evidence: 'the receipt existed by 2026-11-21T09:59:00Z, the job was created 2026-11-21T10:00:00Z',
      relies_on: expect.stringContaining('the provider’s, as the importer repeats it'),
    });
  });

  it('says so where the job was waiting already', () => {
    expect(order('2026-11-21T10:30:00Z')).toMatchObject({
      status: 'pass',
      evidence: expect.stringContaining('declared while it waited'),
    });
  });

  it('is unknown, and no failure, where the receipt was seen after it ran', () => {
    expect(order('2026-11-21T11:30:00Z')).toMatchObject({ status: 'unknown', code: 'order.unknown' });
  });

  it('takes the policy’s skew', () => {
    const waiting = recordOf({ source: 'the provider', created: CREATED });
    expect(order('2026-11-21T10:00:59Z', waiting).status).toBe('pass');
    expect(order('2026-11-21T10:01:00Z', waiting).status).toBe('unknown');
  });

  it.each<[string, ExecutionRecord]>([
    ['it did not run at a provider', recordOf(timing, 'executed')],
    ['the provider gave no time', recordOf({ ...timing, source: 'this machine' })],
    ['its times are none', recordOf({ source: 'the provider', created: 'soon', running: 7 })],
  ])('takes the run’s own time where %s', (_, record) => {
    expect(order('2026-11-21T11:30:00Z', record)).toMatchObject({
      status: 'pass',
      evidence: expect.stringContaining('the run claims 2026-11-21T11:59:58.000Z'),
    });
  });
});
