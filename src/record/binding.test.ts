import { describe, expect, it } from 'vitest';
import { readBinding } from './binding.ts';

/** The Runtime note's, with its placeholders filled in. */
const NOTE = {
  runtime: { provider: 'qiskit-runtime', session_id: 'session-123', job_id: 'job-456' },
  provenance: {
    aiir_statement: `sha256:${'5e'.repeat(32)}`,
    transparency_entry: { log: 'rekor', uuid: `24296fb24b8ad77a${'9c'.repeat(32)}`, log_index: 123456 },
  },
};
const { runtime, provenance } = NOTE;
const { transparency_entry: entry } = provenance;
const withEntry = (changed: object): object => ({
  ...NOTE,
  provenance: { ...provenance, transparency_entry: { ...entry, ...changed } },
});

describe('readBinding', () => {
  it('takes the Runtime note’s example as it is', () => {
    const { value, fault } = readBinding(NOTE);
    expect(fault).toBeUndefined();
    expect(value).toBe(NOTE);
  });

  it('takes a job without a session, a session without a job, and a log without uuids', () => {
    const { log, log_index } = entry;
    for (const named of [{ job_id: 'job-456' }, { session_id: 'session-123' }])
      expect(readBinding({ ...NOTE, runtime: { provider: 'ibm-quantum', ...named } }).fault).toBeUndefined();
    const bare = { ...NOTE, provenance: { ...provenance, transparency_entry: { log, log_index } } };
    expect(readBinding(bare).fault).toBeUndefined();
  });

  it.each([
    ['no handle at all', { ...NOTE, runtime: { provider: 'qiskit-runtime' } }, 'runtime'],
    ['an empty handle', { ...NOTE, runtime: { ...runtime, job_id: '' } }, 'runtime.job_id'],
    ['a handle that leads elsewhere', { ...NOTE, runtime: { ...runtime, job_id: '../x' } }, 'runtime.job_id'],
    ['a member beside', { ...NOTE, signed: true }, 'unknown member "signed"'],
    ['a member within', withEntry({ integrated: 1 }), 'unknown member "integrated"'],
    [
      'a digest in capitals',
      { ...NOTE, provenance: { ...provenance, aiir_statement: `sha256:${'5E'.repeat(32)}` } },
      'aiir_statement',
    ],
    ['a short uuid', withEntry({ uuid: 'abcd' }), 'transparency_entry.uuid'],
    ['an index as text', withEntry({ log_index: '123456' }), 'log_index'],
    ['a negative index', withEntry({ log_index: -1 }), 'log_index'],
    ['an index with a fraction', withEntry({ log_index: 1.5 }), 'log_index'],
    ['a log of two lines', withEntry({ log: 'a\nb' }), 'transparency_entry.log'],
    ['no log', withEntry({ log: undefined }), 'transparency_entry.log'],
    ['a list', [], 'the top level'],
  ])('refuses %s', (_, value, fault) => {
    expect(readBinding(value).fault).toContain(fault);
  });
});
