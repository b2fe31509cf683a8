import { describe, expect, it } from 'vitest';
import { bindingTo, boundJob, JOB_ID } from '../../test/bound-jobs.ts';
import { content } from '../../test/records.ts';
import { utf8 } from '../core/bytes.ts';
import { digestOf } from '../core/digest.ts';
import type { JsonObject } from '../core/json.ts';
import type { Binding, TransparencyEntry } from '../record/binding.ts';
import type { ExecutionRecord } from '../record/schema.ts';
import { bindingChecks } from './binding-checks.ts';

const payload = utf8('{"a":"statement"}');
const STATEMENT = digestOf(payload);
const OTHER = digestOf(utf8('another'));
const LOG = 'log.example.org';
const UUID = `108e9186e8c5677a${'cd'.repeat(32)}`;
const tile: TransparencyEntry = { log: LOG, log_index: 4 };
const rekor: TransparencyEntry = { log: 'rekor.sigstore.dev', uuid: UUID, log_index: 4 };

const proven = (...entries: readonly TransparencyEntry[]) => [
  { about: 'receipt' as const, payload, entries: entries.map((entry) => ({ entry, proven: true })) },
];
const bound = (entry = tile, named = STATEMENT): Binding => {
  const { runtime } = bindingTo(named, LOG, 4);
  return { runtime, provenance: { aiir_statement: named, transparency_entry: entry } };
};
const recordOf = (job: JsonObject, statement?: string): ExecutionRecord => {
  const { workload, execution } = content();
  const source = statement === undefined ? {} : { source: { receipt: { statement } } };
  return { workload, execution: { ...execution, job }, ...source } as ExecutionRecord;
};
const recordWith = (binding: Binding, change: JsonObject = {}, statement?: string) =>
  recordOf({ ...boundJob(binding), ...change }, statement);
const matchOf = (record: ExecutionRecord, statements: Parameters<typeof bindingChecks>[1] = proven(tile)) =>
  bindingChecks(record, statements).find(({ id }) => id === 'binding.match');
const tagsOf = (record: ExecutionRecord) =>
  bindingChecks(record, proven(tile)).find(({ id }) => id === 'binding.tags');

describe('binding.match', () => {
  it('passes where job, receipt and log entry are those that it names', () => {
    expect(matchOf(recordWith(bound()))).toMatchObject({
      status: 'pass',
      evidence: `ibm-quantum job ${JOB_ID} ↔ ${STATEMENT} ↔ entry 4 of ${LOG}`,
    });
    expect(matchOf(recordWith(bound(), {}, STATEMENT))).toMatchObject({ status: 'pass' });
  });

  it('is no check of a record that is bound to nothing', () => {
    expect(bindingChecks(recordOf({ provider: 'ibm-quantum', job_id: 'd1', tags: ['sweep'] }), [])).toEqual(
      [],
    );
  });

  it('takes the note’s names for provider and log, and a uuid with or without its tree', () => {
    const noted = { ...bound({ log: 'rekor', uuid: UUID, log_index: 4 }) };
    const runtime = { provider: 'qiskit-runtime', job_id: JOB_ID };
    const record = recordOf({
      provider: 'ibm-quantum',
      job_id: JOB_ID,
      binding: { ...noted, runtime } as never,
    });
    expect(matchOf(record, proven(rekor))).toMatchObject({ status: 'pass' });
    const leaf = bound({ ...rekor, uuid: UUID.slice(16) });
    expect(matchOf(recordWith(leaf), proven(tile, rekor))).toMatchObject({ status: 'pass' });
  });

  it('is of a session alone where it names no job', () => {
    const runtime = { provider: 'ibm-quantum', session_id: 's1' };
    const binding = { ...bound(), runtime } as never;
    const job = { provider: 'ibm-quantum', job_id: 'any', session_id: 's1', binding };
    expect(matchOf(recordOf(job))).toMatchObject({ status: 'pass' });
    expect(matchOf(recordOf({ ...job, session_id: 's2' }))).toMatchObject({ code: 'binding.job' });
  });

  it.each<[string, ExecutionRecord, string]>([
    ['another job', recordWith(bound(), { job_id: 'd2' }), 'binding.job'],
    ['another session', recordWith(bound(), { session_id: 's2' }), 'binding.job'],
    [
      'no session',
      recordOf({ provider: 'ibm-quantum', job_id: JOB_ID, binding: bound() as never }),
      'binding.job',
    ],
    ['no job at all', recordOf({ binding: bound() as never }), 'binding.job'],
    ['another provider', recordWith(bound(), { provider: 'elsewhere' }), 'binding.provider'],
    ['a source with another receipt', recordWith(bound(), {}, OTHER), 'binding.receipt'],
    ['another place in the log', recordWith(bound({ ...tile, log_index: 5 })), 'binding.entry'],
    ['a uuid that a tile log has none of', recordWith(bound({ ...tile, uuid: UUID })), 'binding.entry'],
  ])('fails: %s', (_, record, code) => {
    expect(matchOf(record)).toMatchObject({ status: 'fail', code });
  });

  it.each<[string, TransparencyEntry]>([
    ['another leaf', { ...rekor, uuid: `${UUID.slice(0, -1)}0` }],
    ['another tree', { ...rekor, uuid: `0${UUID.slice(1)}` }],
    ['another index', { ...rekor, log_index: 40 }],
  ])('fails: %s of a Rekor', (_, entry) => {
    expect(matchOf(recordWith(bound(entry)), proven(rekor))).toMatchObject({ code: 'binding.entry' });
  });

  it.each<[string, Parameters<typeof bindingChecks>[1], string, string | undefined]>([
    ['no statement', [], 'unknown', 'binding.statement'],
    ['another’s statement', [{ ...proven(tile)[0]!, payload: utf8('{}') }], 'unknown', 'binding.statement'],
    ['a record’s statement', [{ ...proven(tile)[0]!, about: 'record' }], 'unknown', 'binding.statement'],
    ['no entry', proven(), 'unknown', 'binding.entry-missing'],
    ['an entry of another log', proven({ ...tile, log: 'b.example' }), 'unknown', 'binding.entry-missing'],
    [
      'an entry that isn’t proven',
      [{ about: 'receipt', payload, entries: [{ entry: tile, proven: false }] }],
      'skipped',
      undefined,
    ],
  ])('with %s doesn’t pass', (_, statements, status, code) => {
    const check = matchOf(recordWith(bound()), statements);
    expect([check?.status, check?.code]).toEqual([status, code]);
  });

  it('fails before it looks for a statement: another job’s binding is none, whatever is here', () => {
    expect(matchOf(recordWith(bound(), { job_id: 'd2' }), [])).toMatchObject({ code: 'binding.job' });
  });
});

describe('binding.tags', () => {
  it('pass where they say the same, and are absent where there are none', () => {
    expect(tagsOf(recordWith(bound()))).toMatchObject({ status: 'pass' });
    expect(tagsOf(recordWith(bound(), { tags: [] }))).toMatchObject({ status: 'absent' });
    expect(tagsOf(recordWith(bound(), { tags: [{ withheld: STATEMENT }] }))).toMatchObject({
      status: 'absent',
    });
  });

  it.each<[string, readonly string[], string]>([
    ['another statement', [`aiir:${OTHER}`, `tlog:4@${LOG}`], 'binding.tags-differ'],
    ['another entry', [`aiir:${STATEMENT}`, `tlog:5@${LOG}`], 'binding.tags-differ'],
    ['another log', [`aiir:${STATEMENT}`, 'tlog:4@b.example'], 'binding.tags-differ'],
    ['a Rekor', [`aiir:${STATEMENT}`, `rekor:${UUID}`], 'binding.tags-differ'],
    ['one without the other', [`aiir:${STATEMENT}`], 'binding.tags-malformed'],
    ['several', [`aiir:${STATEMENT}`, `aiir:${OTHER}`, `tlog:4@${LOG}`], 'binding.tags-malformed'],
  ])('that name %s are told, and take nothing from the binding', (_, tags, code) => {
    const record = recordWith(bound(), { tags });
    expect(tagsOf(record)).toMatchObject({ status: 'unknown', code });
    expect(matchOf(record)).toMatchObject({ status: 'pass' });
  });

  it('of a record without a binding are told, and bind nothing', () => {
    const { binding: _, ...job } = boundJob(bound());
    expect(bindingChecks(recordOf(job), proven(tile))).toMatchObject([
      { id: 'binding.tags', status: 'unknown', code: 'binding.tags-alone' },
    ]);
  });
});
