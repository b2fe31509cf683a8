import { describe, expect, it } from 'vitest';
import { BELL, content, NOW, newSigner, resign, signedRecord, trusting } from '../../test/records.ts';
import { circuitDigest } from '../circuit/circuit.ts';
import { emitOpenQasm3, OPENQASM3_EMITTER } from '../circuit/openqasm3.ts';
import { buildWorkload, findWorkload } from '../circuit/workloads.ts';
import { toBase64, utf8 } from '../core/bytes.ts';
import { digestOf } from '../core/digest.ts';
import { makeRecord, recordText } from '../record/record.ts';
import type { ExecutionRecord } from '../record/schema.ts';
import { uuidV7 } from '../store/uuid.ts';
import type { Verdict } from './check.ts';
import { ed25519Fingerprint, type Trust } from './trust.ts';
import { verifyBytes } from './verify.ts';

const signer = newSigner();
const trust = trusting(signer);

const verify = (record: ExecutionRecord, whom: Trust = trust): Promise<Verdict> =>
  verifyBytes(utf8(recordText(record)), whom, NOW);
const verifyText = (text: string, whom: Trust = trust): Promise<Verdict> =>
  verifyBytes(utf8(text), whom, NOW);
const status = (verdict: Verdict, id: string) => verdict.checks.find((check) => check.id === id)?.status;
const code = (verdict: Verdict, id: string) => verdict.checks.find((check) => check.id === id)?.code;

describe('an honest record', () => {
  it('passes for those who know the signer, and says what it doesn’t prove', async () => {
    const verdict = await verify(await signedRecord(signer));
    expect(verdict.headline).toBe('PASS: signed by "lab" in /home/person/trust.toml');
    expect(verdict).toMatchObject({ verdict: 'pass', signer: 'lab', version: '1.0', kind: 'record' });
    expect(verdict.checks.map((check) => check.status)).toEqual(Array(8).fill('pass'));
    expect(verdict.not_proven.join()).toMatch(/hardware.*discarded.*true/);
  });

  it('is intact, and no more, for those who don’t', async () => {
    const record = await signedRecord(signer);
    for (const whom of [trusting(newSigner()), { kind: 'nobody' } as const]) {
      const verdict = await verify(record, whom);
      expect(verdict).toMatchObject({ verdict: 'inconclusive', headline: 'INTACT, SIGNER UNKNOWN TO YOU' });
      expect(status(verdict, 'record.signer')).toBe('unknown');
      expect(verdict.signer).toBeUndefined();
    }
  });

  it('is INTACT where the signer isn’t asked for', async () => {
    const verdict = await verify(await signedRecord(newSigner()), { kind: 'unasked' });
    expect(verdict).toMatchObject({
      verdict: 'pass',
      headline: expect.stringMatching(/^INTACT: .*signer not judged$/),
    });
  });

  it('passes by the fingerprint of its key, and by no other', async () => {
    const record = await signedRecord(signer);
    const fingerprint = ed25519Fingerprint(toBase64(signer.publicKey));
    expect((await verify(record, { kind: 'fingerprint', fingerprint })).verdict).toBe('pass');
    const other = ed25519Fingerprint(toBase64(newSigner().publicKey));
    expect(await verify(record, { kind: 'fingerprint', fingerprint: other })).toMatchObject({
      verdict: 'inconclusive',
      headline: 'INTACT, SIGNER UNKNOWN TO YOU',
    });
  });
});

describe('the signer', () => {
  it('of another’s record can’t be replaced without breaking the hash', async () => {
    const record = await signedRecord(newSigner());
    const mine = await signedRecord(signer);
    record.record.public_key = mine.record.public_key;
    record.record.signature = mine.record.signature;
    expect(status(await verify(record), 'record.hash')).toBe('fail');
  });

  it('who signs it again is unknown', async () => {
    expect((await verify(await resign(await signedRecord(signer), newSigner()))).verdict).toBe(
      'inconclusive',
    );
  });

  it('with a window is unknown without trusted time', async () => {
    const record = await signedRecord(signer);
    for (const window of [{ not_before: 0 }, { not_after: NOW * 2 }, { revoked_at: NOW * 2 }]) {
      const verdict = await verify(record, trusting(signer, window));
      expect(verdict.verdict).toBe('inconclusive');
      expect(code(verdict, 'record.signer')).toBe('signer.window');
    }
  });

  it('who may vouch for receipts only is not one of records', async () => {
    const record = await signedRecord(signer);
    expect((await verify(record, trusting(signer, { signs: ['receipt'] }))).verdict).toBe('inconclusive');
    expect((await verify(record, trusting(signer, { signs: ['record'] }))).verdict).toBe('pass');
  });

  it.each([
    ['small-order', `${'A'.repeat(43)}=`],
    ['non-canonical', '7f////////////////////////////////////////8='],
  ])('with a %s key fails', async (fault, key) => {
    const record = await resign(await signedRecord(signer), signer);
    record.record.public_key = key;
    const forged = await resignKeeping(record);
    expect(code(await verify(forged), 'record.signature')).toBe(`signature.key.${fault}`);
  });
});

/** Hashed again with whatever key it names. */
async function resignKeeping(record: ExecutionRecord): Promise<ExecutionRecord> {
  const key = record.record.public_key;
  const copy = await resign(record, {
    publicKey: Buffer.from(key!, 'base64'),
    sign: () => new Uint8Array(64),
  });
  return copy;
}

describe('an unsigned record', () => {
  const unsigned = () => makeRecord(content(), uuidV7(NOW), new Date(NOW).toISOString());

  it('is never better than inconclusive', async () => {
    const verdict = await verify(await unsigned());
    expect(verdict).toMatchObject({ verdict: 'inconclusive', headline: 'INTACT, SIGNER UNKNOWN TO YOU' });
    expect(status(verdict, 'record.signature')).toBe('absent');
  });

  it('is intact where only that is asked', async () => {
    expect((await verify(await unsigned(), { kind: 'unasked' })).verdict).toBe('pass');
  });

  it('fails when changed, whatever is asked', async () => {
    const record = await unsigned();
    record.workload.shots = 101;
    expect((await verify(record)).verdict).toBe('fail');
    expect((await verify(record, { kind: 'unasked' })).verdict).toBe('fail');
  });
});

describe('what a signer can still get wrong', () => {
  type Edit = (record: ReturnType<typeof content>) => void;
  const cases: [string, string, string, Edit][] = [
    [
      'counts that don’t add up',
      'record.counts',
      'counts.result',
      (r) => Object.assign(r.execution.result_summary[0]!, { counts: { '00': 99 } }),
    ],
    [
      'an outcome of the wrong width',
      'record.counts',
      'counts.result',
      (r) => Object.assign(r.execution.result_summary[0]!, { counts: { '000': 100 } }),
    ],
    [
      'a total that isn’t the programs’',
      'record.counts',
      'counts.total',
      (r) => {
        r.workload.shots = 99;
      },
    ],
    [
      'a result too many',
      'record.counts',
      'counts.programs',
      (r) => {
        r.execution.result_summary.push(r.execution.result_summary[0]!);
      },
    ],
    [
      'more outcomes than shots',
      'record.counts',
      'counts.result',
      (r) => {
        r.execution.result_summary = [
          { kind: 'counts', bits: 2, outcomes: 101, digest: digestOf(utf8('x')) },
        ];
      },
    ],
    [
      'errors that aren’t the values’',
      'record.counts',
      'counts.result',
      (r) => {
        r.execution.result_summary = [{ kind: 'expectation', values: [1], std_errors: [0, 0] }];
      },
    ],
    [
      'an end before the beginning',
      'record.times',
      'times.order',
      (r) => {
        r.execution.started_at = '2026-11-21T12:10:00Z';
      },
    ],
    [
      'a record before the end',
      'record.times',
      'times.order',
      (r) => {
        r.execution.finished_at = '2026-11-21T12:10:00Z';
      },
    ],
    [
      'another circuit',
      'circuit.rebuild',
      'circuit.mismatch',
      (r) => {
        r.workload.programs[0]!.circuit = circuitDigest(BELL);
      },
    ],
    [
      'another text',
      'circuit.source',
      'source.mismatch',
      (r) => {
        r.workload.programs[0]!.source!.digest = circuitDigest(BELL);
      },
    ],
    [
      'parameters the workload doesn’t have',
      'circuit.rebuild',
      'circuit.parameters',
      (r) => {
        r.workload.parameters.theta = 1;
      },
    ],
  ];
  it.each(cases)('%s fails %s', async (_, id, expected, change) => {
    const verdict = await verify(await signedRecord(signer, change));
    expect(verdict.verdict).toBe('fail');
    expect(code(verdict, id)).toBe(expected);
    expect(status(verdict, 'record.signature')).toBe('pass');
  });

  it('a record_id of another time fails', async () => {
    const record = await makeRecord(content(), uuidV7(NOW - 3_600_000), new Date(NOW).toISOString(), signer);
    expect(code(await verify(record), 'record.times')).toBe('times.record-id');
  });

  it('a record from the future is unknown, not wrong: our clock may be', async () => {
    const record = await signedRecord(signer);
    const verdict = await verifyBytes(utf8(recordText(record)), trust, NOW - 3_600_000);
    expect(code(verdict, 'record.times')).toBe('times.future');
    expect(verdict.verdict).toBe('pass');
  });

  it('the policy’s skew is the tolerance', async () => {
    const record = await signedRecord(signer, (r) => {
      r.execution.finished_at = '2026-11-21T12:10:00Z';
    });
    const lenient = trusting(signer);
    if (lenient.kind === 'policy') Object.assign(lenient.policy, { require: { skew: '15m' } });
    expect((await verify(record, lenient)).verdict).toBe('pass');
  });
});

describe('circuits', () => {
  it('are rebuilt, and so is the text, where this program wrote it', async () => {
    const circuit = buildWorkload(findWorkload('clifford_t_sampling')!, { n_qubits: 2, depth: 3, seed: 7 });
    const withText = (text: string) =>
      signedRecord(signer, (r) => {
        r.workload.programs[0]!.source = { format: 'openqasm3', digest: digestOf(utf8(text)) };
        r.execution.environment = { openqasm3_emitter: OPENQASM3_EMITTER };
      });
    expect(status(await verify(await withText(emitOpenQasm3(circuit))), 'circuit.source')).toBe('pass');
    expect(status(await verify(await withText(emitOpenQasm3(BELL))), 'circuit.source')).toBe('fail');
  });

  it('of no workload are not judged', async () => {
    const verdict = await verify(
      await signedRecord(signer, (r) => {
        r.workload.name = 'circuit';
      }),
    );
    expect(verdict.checks.find(({ id }) => id === 'circuit.rebuild')).toMatchObject({
      status: 'absent',
      evidence: 'a circuit of your own: there is no named workload to rebuild',
    });
    expect(verdict.verdict).toBe('pass');
  });

  it('too large to rebuild are unknown, at once', async () => {
    const started = performance.now();
    const verdict = await verify(
      await signedRecord(signer, (r) => {
        r.workload.parameters = { n_qubits: 1e9, depth: 1e9, seed: 1 };
      }),
    );
    expect(code(verdict, 'circuit.rebuild')).toBe('circuit.size');
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it('with parameters that are no numbers fail, and don’t crash', async () => {
    for (const depth of ['3', true, 'constructor'])
      expect(
        (
          await verify(
            await signedRecord(signer, (r) => {
              r.workload.parameters = { n_qubits: 2, depth, seed: 7 };
            }),
          )
        ).verdict,
      ).toBe('fail');
  });
});

describe('results', () => {
  it('by digest are unknown in a bare record, and spoil nothing', async () => {
    const verdict = await verify(
      await signedRecord(signer, (r) => {
        r.execution.result_summary = [{ kind: 'counts', bits: 2, outcomes: 3, digest: digestOf(utf8('x')) }];
      }),
    );
    expect(status(verdict, 'record.counts')).toBe('unknown');
    expect(verdict.verdict).toBe('pass');
  });

  it('may be expectation values, of many programs', async () => {
    const verdict = await verify(
      await signedRecord(signer, (r) => {
        const [program] = r.workload.programs;
        r.workload.programs = [
          program!,
          { ...program!, values: { theta: [0.1, 0.2] }, observables: digestOf(utf8('ZZ')) },
        ];
        r.workload.shots = 200;
        r.execution.result_summary.push({ kind: 'expectation', values: [-0.5, 1], std_errors: [0.01, 0] });
      }),
    );
    expect(verdict.verdict).toBe('pass');
  });
});

describe('the format', () => {
  it.each(['1.1', '2.0', '10.3'])('%s is newer, not wrong', async (version) => {
    const verdict = await verifyText(
      JSON.stringify({ ...(await signedRecord(signer)), schema_version: version, extra: 1 }),
    );
    expect(verdict).toMatchObject({ verdict: 'inconclusive', headline: 'NEWER FORMAT', version });
    expect((await verifyText(JSON.stringify({ schema_version: version }), { kind: 'unasked' })).verdict).toBe(
      'inconclusive',
    );
  });

  it.each(['1', '1.00', '01.0', '0.9', 'v2', '1.0 ', '', 2, null, '1.10000'])(
    '%j is malformed',
    async (version) => {
      expect(
        (await verifyText(JSON.stringify({ ...(await signedRecord(signer)), schema_version: version })))
          .verdict,
      ).toBe('fail');
    },
  );

  it('with both schema and schema_version is malformed', async () => {
    const verdict = await verifyText(JSON.stringify({ ...(await signedRecord(signer)), schema: 'qpoe-0.1' }));
    expect(code(verdict, 'record.format')).toBe('format.ambiguous');
    expect((await verifyText(JSON.stringify({ schema: 'x', schema_version: '9.9' }))).verdict).toBe('fail');
  });

  it('names the first fault', async () => {
    const { execution, ...rest } = await signedRecord(signer);
    const fault = async (value: unknown) => (await verifyText(JSON.stringify(value))).checks[0]!.evidence;
    expect(await fault(rest)).toBe('execution: expected object');
    expect(await fault({ ...rest, execution, verdict: 'PASS' })).toBe(
      'the top level: unknown member "verdict"',
    );
    expect(await fault({ ...rest, execution: { ...execution, started_at: '2026-02-30T00:00:00Z' } })).toMatch(
      /execution.started_at: no such date/,
    );
  });

  it('broken JSON that means to be a record fails; other files are unrecognised', async () => {
    const text = recordText(await signedRecord(signer));
    expect(await verifyText(text.slice(0, -10))).toMatchObject({ verdict: 'fail', kind: 'record' });
    expect(await verifyText(text.replace('"workload"', '"schema_version": "1.0", "workload"'))).toMatchObject(
      { verdict: 'fail', kind: 'record' },
    );
    for (const other of ['', 'hello', '{}', '[]', 'null', '{"a":1}', '["schema_version"'])
      expect((await verifyText(other)).kind).toBe(other === '["schema_version"' ? 'record' : 'unrecognised');
    expect((await verifyBytes(Uint8Array.of(0xff, 0xfe, 0x00), trust, NOW)).kind).toBe('unrecognised');
  });
});

it('a policy that wants plausibility finds it missing', async () => {
  const strict = trusting(signer);
  if (strict.kind === 'policy') Object.assign(strict.policy, { require: { plausibility: true } });
  expect(await verify(await signedRecord(signer), strict)).toMatchObject({
    verdict: 'inconclusive',
    headline: 'INCOMPLETE: plausibility',
  });
});
