/** `qpoe runtime submit`, `bind`, `import` and `bundle`, against the emulator: from a receipt to a bundle that needs no network. */

import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  AS_IS,
  attestReceipt,
  DEVICE,
  type Lab,
  line,
  newLab,
  posted,
  recordsIn,
  seeded,
} from '../runtime-lab.ts';

describe('the flow', () => {
  it('binds a job in its submission, records it, and bundles it from its id', async () => {
    const lab = await newLab();
    const { place, runtime, emulator, receipt, tags } = lab;
    const sent = await runtime('submit', 'isa.qasm', ...AS_IS, '--receipt', receipt, '--label', 'first');
    expect(sent.code, sent.stderr).toBe(0);
    const id = /^job {5}(\S+), sampler on qpoe_synthetic: 1 circuit, 50 shots$/m.exec(sent.stdout)![1]!;
    expect(sent.stdout).toContain(`tag     ${tags[0]}\ntag     ${tags[1]}\n`);
    expect(sent.stderr).toContain(`next: qpoe runtime bundle ${id}`);
    expect(emulator.job(id).tags).toEqual([...tags, expect.stringMatching(/^qpoe:[0-9a-f]{32}$/)]);
    const [record] = recordsIn(place);
    expect(record.execution.job).toMatchObject({
      job_id: id,
      bound_by: 'submission',
      binding: { runtime: { provider: 'ibm-quantum', job_id: id } },
    });
    expect(record).toMatchObject({
      source: { receipt: { receipt_id: receipt } },
      labels: { label: 'first' },
    });
    const [program] = record.workload.programs;
    expect(program.input.digest).toBe(program.source.digest);
    expect(record.execution.executed_circuits).toEqual([
      { program: 0, format: 'openqasm3', digest: program.source.digest },
    ]);

    const bundled = await runtime('bundle', id, '--compare');
    expect(bundled.code, bundled.stderr).toBe(0);
    expect(bundled.stdout).toMatch(/^tags {4}as they are bound\ncompare the same: the very bytes/m);
    const first = readFileSync(place.path(`${id}.qpoe.json`));
    expect((await runtime('bundle', id, '--offline', '--out', 'again.json')).code).toBe(0);
    expect(readFileSync(place.path('again.json'))).toEqual(first);
    const policy = readFileSync(`${place.home}/trust.toml`, 'utf8');
    writeFileSync(
      place.path('strict.toml'),
      `${policy}\n[require.bundle]\nreceipt = true\nbinding = true\nlog = true\n`,
    );
    const verified = place.qpoe('verify', `${id}.qpoe.json`, '--policy', 'strict.toml');
    expect(verified.stdout).toMatch(/^PASS/);
    expect(verified.stdout).toContain('✓ pass    binding.match');
    expect(verified.stdout).toContain('that the provider gave this result');
    // The bundle alone is all that another needs to make it again.
    rmSync(place.path('again.json'));
    expect(place.qpoe('bundle', 'unpack', `${id}.qpoe.json`, '--out', 'parts').code).toBe(0);
    rmSync(place.path('.qpoe'), { recursive: true });
    expect((await runtime('bundle', id, '--from', 'parts', '--out', 'again.json')).code).toBe(0);
    expect(readFileSync(place.path('again.json'))).toEqual(first);
  });

  it('submits the same once, and once more where that is said', async () => {
    const lab = await newLab({ receipt: false });
    const id = await lab.submit('--no-receipt');
    const again = await lab.runtime('submit', 'isa.qasm', ...AS_IS, '--no-receipt');
    expect(again.stderr).toContain(`submitted before, as job ${id}: --again submits it once more`);
    expect(again.stdout).toContain(`job ${id}: is recorded already`);
    expect(again.code).toBe(0);
    expect(posted(lab)).toBe(1);
    expect(await lab.submit('--no-receipt', '--again')).not.toBe(id);
    expect(await lab.submit('--no-receipt', '--shots', '51')).not.toBe(id);
    expect(recordsIn(lab.place).map(({ execution }) => execution.job.binding)).toEqual(
      Array(3).fill(undefined),
    );
  });

  it('detaches, and takes up what it sent', async () => {
    const lab = await newLab({ queueMs: 1500, receipt: false });
    const detached = await lab.runtime(
      'submit',
      'isa.qasm',
      ...AS_IS,
      '--no-receipt',
      '--detach',
      '--session',
      'new',
    );
    expect(detached.code, detached.stderr).toBe(0);
    expect(detached.stdout).toMatch(/^session [0-9a-f-]{36}$/m);
    expect(recordsIn(lab.place)).toEqual([]);
    const taken = await lab.runtime('submit', 'isa.qasm', ...AS_IS, '--no-receipt', '--session', 'new');
    expect(taken.code, taken.stderr).toBe(0);
    expect(taken.stderr).toMatch(
      /taking up what was begun at .*, job \S+\nQueued: 1 jobs wait for the device/,
    );
    expect(posted(lab)).toBe(1);
    expect(recordsIn(lab.place)[0].execution.job.session_id).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('gives expectation values of observables', async () => {
    const lab = await newLab({ receipt: false });
    const observables = ['--observable', 'ZI', '--observable', 'IZ=2,ZZ=0.5'];
    writeFileSync(
      lab.place.path('two.qasm'),
      'OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; bit[2] c; x q[0]; c = measure q;',
    );
    const { code, stderr } = await lab.runtime(
      'submit',
      'two.qasm',
      ...DEVICE,
      '--as-is',
      '--shots',
      '10000',
      '--no-receipt',
      ...observables,
    );
    expect(code, stderr).toBe(0);
    const [{ execution, workload }] = recordsIn(lab.place);
    expect(execution.result_summary).toEqual([
      { kind: 'expectation', values: [1, -2.5], std_errors: expect.anything() },
    ]);
    expect(execution.job.program).toBe('estimator');
    expect(workload.programs[0]).toMatchObject({
      shots: 10000,
      observables: expect.stringMatching(/^sha256:/),
    });
    const narrow = await lab.runtime('submit', 'two.qasm', ...DEVICE, '--no-receipt', '--observable', 'Z');
    expect(line(narrow.stderr)).toContain('the observable Z has 1 letters, and the circuit 2 qubits');
    expect(narrow.code).toBe(2);
  });
});

describe('bind', () => {
  it('sets the tags beside those that are there, and says that they show no order', async () => {
    const { emulator, runtime, receipt, tags, place } = await newLab();
    const id = emulator.seedJob(seeded(['mine', 'ours']));
    const { code, stdout, stderr } = await runtime('bind', id, '--receipt', receipt);
    expect(code, stderr).toBe(0);
    expect(stdout).toBe(
      `job ${id}: the binding's two tags are set, beside 2 that it had\nbinding ${id}.binding.json\n`,
    );
    expect(stderr).toContain('set after the job was submitted, they show no order');
    expect(emulator.job(id).tags).toEqual(['mine', 'ours', ...tags]);
    const binding = JSON.parse(readFileSync(place.path(`${id}.binding.json`), 'utf8'));
    expect(binding.runtime).toEqual({ provider: 'ibm-quantum', job_id: id });
    expect((await runtime('bind', id)).stdout).toContain(`job ${id}: has the binding's two tags already`);
    expect((await runtime('import', id)).code).toBe(0);
    expect(recordsIn(place)[0].execution.job).toMatchObject({ bound_by: 'bind', binding });
  });

  it('drops no tag of another’s, and takes none for its own', async () => {
    const { emulator, runtime, receipt, place } = await newLab();
    const full = emulator.seedJob(seeded(['a', 'b', 'c', 'd', 'e', 'f', 'g']));
    const { code, stderr } = await runtime('bind', full, '--receipt', receipt);
    expect(line(stderr)).toContain(`job ${full} has 7 of at most 8 tags, and none of another's is dropped`);
    expect(code).toBe(2);
    expect(emulator.job(full).tags).toHaveLength(7);
    expect((await runtime('bind', full, '--receipt', receipt, '--no-tags')).code).toBe(0);
    expect(emulator.job(full).tags).toHaveLength(7);
    const other = attestReceipt(place, 'second');
    const bound = emulator.seedJob(seeded([`aiir:sha256:${'0'.repeat(64)}`]));
    const refused = await runtime('bind', bound, '--receipt', other);
    expect(line(refused.stderr)).toContain(`job ${bound} has another binding's tag already`);
    expect(refused.code).toBe(2);
  });

  it('notices tags that change between reading and writing', async () => {
    const lab = await newLab();
    const id = lab.emulator.seedJob(seeded([]));
    let reads = 0;
    lab.fault = ({ method, path }) => {
      // Between the first look and the second, and after the write, someone adds one or takes ours away.
      if (method !== 'GET' || !path.endsWith(id)) return undefined;
      reads++;
      if (reads === 3) lab.emulator.job(id).tags = ['theirs'];
      if (reads === 6) lab.emulator.job(id).tags = ['theirs', 'more'];
      return undefined;
    };
    const { code, stderr } = await lab.runtime('bind', id, '--receipt', lab.receipt);
    expect(code, stderr).toBe(0);
    expect(lab.emulator.job(id).tags).toEqual(['theirs', 'more', ...lab.tags]);
    const never = lab.emulator.seedJob(seeded([]));
    let count = 0;
    lab.fault = ({ method, path }) => {
      if (method === 'GET' && path.endsWith(never)) lab.emulator.job(never).tags = [`n${count++}`];
      return undefined;
    };
    const lost = await lab.runtime('bind', never, '--receipt', lab.receipt);
    expect(line(lost.stderr)).toContain(
      `the tags of job ${never} are changed by someone else, again and again`,
    );
    expect(lost.code).toBe(4);
    expect(lab.place.files()).not.toContain(`${never}.binding.json`);
  });

  it('is refused for what this instance doesn’t have', async () => {
    const { runtime, receipt } = await newLab();
    const { code, stderr } = await runtime('bind', 'dnobody', '--receipt', receipt);
    expect(line(stderr)).toContain(
      'this instance has no job and no session dnobody; is it of another instance?',
    );
    expect(code).toBe(2);
  });
});

describe('tags', () => {
  it('bind a job of another client, where they say what the store has', async () => {
    const { emulator, runtime, tags, place } = await newLab();
    const good = emulator.seedJob(seeded(tags));
    const half = emulator.seedJob(seeded(tags.slice(0, 1)));
    const elsewhere = emulator.seedJob(seeded([tags[0], 'tlog:7@nobody.example']));
    const unknown = emulator.seedJob(seeded([`aiir:sha256:${'0'.repeat(64)}`, tags[1]]));
    expect((await runtime('import', good, half, elsewhere, unknown)).code).toBe(0);
    const of = (id: string) =>
      recordsIn(place).find(({ execution }) => execution.job.job_id === id).execution;
    expect(of(good).job.bound_by).toBe('tags');
    for (const [id, says] of [
      [half, 'stands without a log entry'],
      [elsewhere, 'not at the log entry that they name'],
      [unknown, 'the store has no receipt with the statement'],
    ] as const) {
      expect(of(id).job.binding).toBeUndefined();
      expect(of(id).environment.notes.join()).toContain(says);
    }
  });

  it('that are edited are reported, and those that are copied bind nothing', async () => {
    const lab = await newLab();
    const { emulator, runtime, place, tags } = lab;
    const id = await lab.submit('--receipt', lab.receipt);
    emulator.job(id).tags = [`aiir:sha256:${'0'.repeat(64)}`, tags[1]];
    const edited = await runtime('bundle', id);
    expect(edited.stdout).toContain(
      `tags    the job no longer has the tag ${tags[0]}; the job has another binding's tag`,
    );
    expect(place.qpoe('verify', `${id}.qpoe.json`).code).toBe(0);
    const copy = emulator.seedJob(seeded(tags));
    const bundled = await runtime('bundle', copy);
    expect(bundled.stdout).toBe(`job     ${copy}: no record of it is here: qpoe runtime import ${copy}\n`);
    expect(bundled.code).toBe(3);
    expect(place.files()).not.toContain(`${copy}.qpoe.json`);
    const refused = await runtime('import', copy);
    expect(line(refused.stderr)).toContain(`the binding's tags on job ${copy} were copied from job ${id}`);
    expect(refused.code).toBe(2);
    expect(recordsIn(place)).toHaveLength(1);
    expect((await runtime('import', copy, '--no-binding')).code).toBe(0);
    expect(
      recordsIn(place).find(({ execution }) => execution.job.job_id === copy).execution.job.binding,
    ).toBeUndefined();
  });
});

describe('bundle --from a log', () => {
  /** Of every statement here: what was signed stays, who logged it is gone. */
  function dropProofs({ place }: Lab): void {
    for (const file of place.files().filter((name) => /\/p256-.*\.sigstore\.json$/.test(name))) {
      const { verificationMaterial, ...rest } = JSON.parse(readFileSync(place.path(file), 'utf8'));
      const { tlogEntries: _, ...material } = verificationMaterial;
      writeFileSync(place.path(file), JSON.stringify({ ...rest, verificationMaterial: material }));
    }
  }
  const demandBinding = ({ place }: Lab): void => {
    const policy = readFileSync(`${place.home}/trust.toml`, 'utf8');
    const demands = '[require.bundle]\nreceipt = true\nbinding = true\nlog = true\n';
    writeFileSync(place.path('strict.toml'), `${policy}\n${demands}`);
  };

  it('makes the proofs that statements lack, and leaves their files as they are', async () => {
    const lab = await newLab();
    const { place, runtime } = lab;
    const id = await lab.submit('--receipt', lab.receipt);
    demandBinding(lab);
    cpSync(place.path('.qpoe/log'), place.path('copied-log'), { recursive: true });
    dropProofs(lab);
    rmSync(place.path('.qpoe/log'), { recursive: true });
    const before = place.files();
    const bundled = (...flags: string[]) =>
      runtime('bundle', id, '--offline', '--out', `${flags.length}.json`, ...flags);
    expect((await bundled()).stderr).toContain('without log: a P-256 statement without a log entry');
    expect(place.qpoe('verify', '0.json', '--policy', 'strict.toml').code).not.toBe(0);
    const proven = await bundled('--from', 'copied-log');
    expect(proven.code, proven.stderr).toBe(0);
    expect(proven.stderr).not.toContain('without log');
    const verified = place.qpoe('verify', '2.json', '--policy', 'strict.toml');
    expect(verified.stdout).toMatch(/^PASS/);
    expect(verified.stdout).toContain('✓ pass    binding.match');
    expect(place.files().filter((file) => !/^\d\.json$/.test(file))).toEqual(before);
    // Parts of someone's, with the log beside them.
    rmSync(place.path('2.json'));
    expect(place.qpoe('bundle', 'unpack', '0.json', '--out', 'parts').code).toBe(0);
    cpSync(place.path('copied-log'), place.path('parts/log'), { recursive: true });
    rmSync(place.path('.qpoe'), { recursive: true });
    expect((await bundled('--from', 'parts')).code).toBe(0);
    expect(place.qpoe('verify', '2.json', '--policy', 'strict.toml').stdout).toMatch(/^PASS/);
  });

  it('believes no tile that doesn’t lead to the signed root, and no log that nobody here knows', async () => {
    const lab = await newLab();
    const { place, runtime } = lab;
    const id = await lab.submit('--receipt', lab.receipt);
    cpSync(place.path('.qpoe/log'), place.path('copied-log'), { recursive: true });
    dropProofs(lab);
    const bundled = async () => {
      const { code, stderr } = await runtime('bundle', id, '--offline', '--from', 'copied-log');
      expect(place.files()).not.toContain(`${id}.qpoe.json`);
      return [code, line(stderr)];
    };
    // Of a tree that grew, the shorter tiles may still be there.
    const tiles = place.files().filter((file) => /^copied-log\/tile\/0\//.test(file));
    const flip = () => {
      for (const tile of tiles)
        writeFileSync(
          place.path(tile),
          readFileSync(place.path(tile)).map((byte) => byte ^ 1),
        );
    };
    flip();
    expect(await bundled()).toEqual([2, expect.stringMatching(/^qpoe: copied-log: /)]);
    flip();
    const checkpoint = readFileSync(place.path('copied-log/checkpoint'), 'utf8');
    writeFileSync(place.path('copied-log/checkpoint'), `another.${checkpoint}`);
    expect(await bundled()).toEqual([2, expect.stringContaining('no key of the log "another.')]);
  });
});

describe('bundle', () => {
  it('of a session is one for each job, the failed one too, and names what is missing', async () => {
    const lab = await newLab();
    const { emulator, runtime, place, receipt } = lab;
    const id = await lab.submit('--receipt', receipt, '--session', 'new');
    const session = emulator.job(id).sessionId!;
    const failed = emulator.seedJob({ sessionId: session, status: 'Failed', reason: 'not ISA' });
    const before = await runtime('bundle', session);
    expect(before.code).toBe(3);
    expect(before.stdout).toContain(`job     ${failed}: no record of it is here`);
    expect((await runtime('bind', session)).code).toBe(0);
    expect((await runtime('import', failed)).code).toBe(0);
    const { code, stdout, stderr } = await runtime('bundle', session, '--compare');
    expect(code, stderr + stdout).toBe(0);
    expect(place.qpoe('verify', `${id}.qpoe.json`, `${failed}.qpoe.json`).code).toBe(0);
    const { runtime: bound } = JSON.parse(readFileSync(place.path(`${session}.binding.json`), 'utf8'));
    expect(bound).toEqual({ provider: 'ibm-quantum', session_id: session });
    expect((await runtime('bundle', session, '--offline')).stdout.match(/^bundle/gm)).toHaveLength(2);
  });

  it('compares the record with what the provider says now', async () => {
    const lab = await newLab({ receipt: false });
    const id = await lab.submit('--no-receipt');
    const job = lab.emulator.job(id);
    const own = Buffer.from(job.results!);
    job.results = Buffer.from(JSON.stringify(JSON.parse(own.toString()), null, 1));
    const spaced = await lab.runtime('bundle', id, '--compare');
    expect(spaced.stdout).toContain('compare the same: the same results, written otherwise');
    expect(spaced.code).toBe(0);
    job.results = Buffer.from(own.toString().replace(/"0x[13]"/, '"0x0"'));
    const forged = await lab.runtime('bundle', id, '--compare');
    expect(forged.stdout).toContain('compare DIFFERS: the service has other results');
    expect(forged.code).toBe(1);
    job.fate = 404;
    expect((await lab.runtime('bundle', id, '--compare')).code).toBe(3);
  });
});
