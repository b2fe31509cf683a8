/** `qpoe runtime submit` where requests and answers are lost: one job, one record. */

import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { AS_IS, DEVICE, line, loggedIn, newLab, posted, recordsIn, seeded } from '../runtime-lab.ts';

describe('a submission', () => {
  it.each([
    ['the answer is lost', 'cut'],
    ['half of the answer comes', 'truncate'],
    ['no JSON comes', 'garbage'],
    ['the request is lost', 'drop'],
  ] as const)('is one job where %s', async (_, kind) => {
    const lab = await newLab();
    let left = 1;
    lab.fault = ({ method, path }) =>
      method === 'POST' && path.endsWith('/jobs') && left-- > 0 ? { kind } : undefined;
    const id = await lab.submit('--receipt', lab.receipt);
    const jobs = recordsIn(lab.place);
    expect(jobs.map(({ execution }) => execution.job.job_id)).toEqual([id]);
    expect(posted(lab)).toBe(kind === 'drop' ? 2 : 1);
    expect(loggedIn(lab.place)).toBe(2);
  });

  it('is not taken for another’s job that carries its marker', async () => {
    const lab = await newLab({ receipt: false });
    let stranger = '';
    lab.fault = ({ method, path }) => {
      if (method !== 'POST' || !path.endsWith('/jobs') || stranger !== '') return undefined;
      // The request is lost; whoever saw the marker puts it on a job of their own.
      const [file] = lab.place.files().filter((name) => name.includes('/submissions/'));
      const { marker } = JSON.parse(readFileSync(lab.place.path(file!), 'utf8'));
      stranger = lab.emulator.seedJob({ ...seeded([marker]), userId: 'IBMid-MALLORY' });
      return { kind: 'drop' };
    };
    const id = await lab.submit('--no-receipt');
    expect(id).not.toBe(stranger);
    expect(posted(lab)).toBe(2);
    // Imported, the stranger's job is not bound either.
    const { code, stderr } = await lab.runtime('import', stranger);
    expect(line(stderr)).toContain(`the binding's tags on job ${stranger} were copied from job ${id}`);
    expect(code).toBe(2);
  });

  it('waits for its turn where the service takes no more jobs', async () => {
    const lab = await newLab({ receipt: false });
    let left = 1;
    lab.fault = ({ method, path }) =>
      method === 'POST' && path.endsWith('/jobs') && left-- > 0 ? { kind: 'status', status: 429 } : undefined;
    await lab.submit('--no-receipt');
    expect(posted(lab)).toBe(2);
    // A 429 says that nothing was done: nothing is looked for.
    expect(lab.asked.filter((request) => /^GET .*\/jobs$/.test(request))).toEqual([]);
  });

  it.each([
    ['no receipt named', ['--backend', 'qpoe_synthetic'], /binds the job to a receipt.*--no-receipt/s, 2],
    [
      'a device that is gone',
      ['--backend', 'ibm_retired', '--no-receipt'],
      /the device ibm_retired is not there/,
      2,
    ],
    ['no such receipt', [...DEVICE, '--receipt', 'g1-0'], /no receipt "g1-0"/, 2],
    [
      'a closed session',
      [...DEVICE, '--no-receipt', '--as-is', '--session', 'gone'],
      /takes no such job: the job is not/,
      2,
    ],
  ])('is refused in one line: %s', async (_, flags, says, exit) => {
    const lab = await newLab({ receipt: false });
    const { code, stderr } = await lab.runtime('submit', 'isa.qasm', ...flags);
    expect(stderr).toMatch(says);
    expect(stderr.split('\n').filter((text) => text.startsWith('qpoe: '))).toHaveLength(1);
    expect(code).toBe(exit);
    expect(recordsIn(lab.place)).toEqual([]);
  });

  it('is refused for a receipt that isn’t logged, and goes on once it is', async () => {
    const lab = await newLab();
    const files = lab.place.files().filter((file) => /receipts\/.*\/p256-/.test(file));
    const path = lab.place.path(files[0]!);
    const { verificationMaterial, ...rest } = JSON.parse(readFileSync(path, 'utf8'));
    const { tlogEntries: _, ...material } = verificationMaterial;
    writeFileSync(path, JSON.stringify({ ...rest, verificationMaterial: material }));
    const { code, stderr } = await lab.runtime('submit', 'isa.qasm', ...AS_IS, '--receipt', lab.receipt);
    expect(code).toBe(2);
    const next = /log it first: (qpoe log append \S+)/.exec(stderr)![1]!;
    expect(lab.place.qpoe(...next.split(' ').slice(1)).code).toBe(0);
    await lab.submit('--receipt', lab.receipt);
    expect(loggedIn(lab.place)).toBe(2);
  });
});
