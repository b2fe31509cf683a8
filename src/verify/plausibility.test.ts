import { describe, expect, it } from 'vitest';
import {
  type Counted,
  countedBundle,
  countedRecord,
  objectsOf,
  policyText,
  type RanOn,
  TILTED,
} from '../../test/counted.ts';
import { BELL, NOW, newSigner, signedRecord } from '../../test/records.ts';
import { type Circuit, circuitDigest, gate, measure, measureAll } from '../circuit/circuit.ts';
import { utf8 } from '../core/bytes.ts';
import { digestOf } from '../core/digest.ts';
import { recordText } from '../record/record.ts';
import { sampleCounts } from '../simulator/sampler.ts';
import type { Check } from './check.ts';
import { judgePlausibility } from './plausibility.ts';
import { parsePolicy } from './policy.ts';
import type { Trust } from './trust.ts';
import { verifyBytes } from './verify.ts';

const signer = newSigner();
const trusting = (demands = ''): Trust => ({
  kind: 'policy',
  path: 'trust.toml',
  policy: parsePolicy(policyText(signer, demands), 'trust.toml'),
});
const DEMANDED = '[require]\nplausibility = true\n';
const honest = (circuit: Circuit, shots: number, seed = 1): Counted => ({
  circuit,
  counts: Object.fromEntries(sampleCounts(circuit, shots, seed)),
});

async function judge(programs: readonly Counted[], ran: RanOn = {}, held = objectsOf(programs)) {
  return judgePlausibility(await countedRecord(signer, programs, ran), (digest) => held.get(digest));
}

const HARDWARE: RanOn = { class: 'imported', sdk: 'ibm-quantum', backend: 'ibm_somewhere' };

describe('of an ideal simulator', () => {
  it('honest counts pass', async () => {
    expect(await judge([honest(BELL, 1000)])).toMatchObject({ status: 'pass' });
    expect(await judge([honest(TILTED, 1000)])).toMatchObject({
      status: 'pass',
      evidence: expect.stringMatching(
        /^what the circuit gives without noise: G = .* of 1000 shots in 4 cells, p = /,
      ),
    });
  });

  it('impossible outcomes are named, however few', async () => {
    expect(await judge([{ circuit: BELL, counts: { '00': 500, '11': 499, '10': 1 } }])).toMatchObject({
      status: 'fail',
      code: 'plausibility.impossible',
      evidence: expect.stringMatching(
        /^1 of 1000 shots have outcomes that the circuit can't give: 10 \(1\); /,
      ),
    });
    expect((await judge([{ circuit: BELL, counts: { '01': 1 } }])).code).toBe('plausibility.impossible');
  });

  it('an outcome of one in a hundred million may occur once in a thousand shots, and not twice', async () => {
    const rare: Circuit = {
      version: 1,
      qubits: 1,
      bits: 1,
      operations: [gate('ry', [0], [2e-4]), measure(0, 0)],
    };
    expect((await judge([{ circuit: rare, counts: { 0: 999, 1: 1 } }])).code).toBe('plausibility.shots');
    expect((await judge([{ circuit: rare, counts: { 0: 998, 1: 2 } }])).code).toBe('plausibility.impossible');
  });

  it('so is a bit that the circuit never writes', async () => {
    const one: Circuit = { version: 1, qubits: 1, bits: 2, operations: [gate('h', [0]), measure(0, 0)] };
    const { code, evidence } = await judge([{ circuit: one, counts: { '00': 50, '01': 48, '10': 2 } }]);
    expect([code, evidence]).toEqual(['plausibility.impossible', expect.stringContaining(': 10 (2)')]);
  });

  it('moved counts are another distribution, and the noise that explains them is stated', async () => {
    const { status, code, evidence } = await judge([
      { circuit: TILTED, counts: { '00': 4000, '01': 2000, '10': 2000, '11': 2000 } },
    ]);
    expect([status, code]).toEqual(['fail', 'plausibility.counts']);
    expect(evidence).toMatch(
      /no depolarizing strength explains them, \S+ ± \S+ \(linear XEB \S+ ± \S+, without noise \S+\) the best$/,
    );
  });

  it('counts with noise in them are explained by its strength', async () => {
    // 30 % of the shots are any outcome.
    const counts = Object.fromEntries(sampleCounts(TILTED, 70_000, 3));
    for (const outcome of Object.keys(counts)) counts[outcome]! += 7500;
    const { evidence } = await judge([{ circuit: TILTED, counts }]);
    const [, strength, error] = /a depolarizing strength of (\S+) ± (\S+) \(.*\) would explain them$/.exec(
      evidence,
    )!;
    expect(Math.abs(Number(strength) - 0.3)).toBeLessThan(2 * Number(error));
  });

  it.each<[string, RanOn]>([
    ['it was supplied', { class: 'supplied' }],
    ['it was captured', { class: 'captured', sdk: 'qiskit', backend: 'aer_simulator' }],
    ['the backend is none that is known', { sdk: 'qiskit', backend: 'ibm_somewhere' }],
    ['the SDK is none that is known', { sdk: 'constructor', backend: 'statevector' }],
  ])('is no one’s where %s: then nothing is accused', async (_, ran) => {
    const { status } = await judge([{ circuit: BELL, counts: { '00': 480, '11': 480, '10': 40 } }], ran);
    expect(status).toBe('pass');
  });
});

describe('of hardware', () => {
  it('noise is stated as a fidelity, and is no fault', async () => {
    const { status, evidence } = await judge(
      [{ circuit: BELL, counts: { '00': 4400, '11': 4400, '01': 600, '10': 600 } }],
      HARDWARE,
    );
    expect(status).toBe('pass');
    expect(evidence).toMatch(
      /^with noise, as may be: fidelity 0\.76 ± 0\.0\d+, a depolarizing strength of 0\.24 /,
    );
  });
  it('what is nothing but noise is unknown, whatever it looks like', async () => {
    for (const counts of [
      { '00': 250, '01': 250, '10': 250, '11': 250 },
      { '01': 500, '10': 500 },
    ])
      expect(await judge([{ circuit: BELL, counts }], HARDWARE)).toMatchObject({
        status: 'unknown',
        code: 'plausibility.noise',
      });
  });
  it('a bit that nothing writes is unknown too', async () => {
    const one: Circuit = { version: 1, qubits: 1, bits: 2, operations: [gate('h', [0]), measure(0, 0)] };
    expect((await judge([{ circuit: one, counts: { '10': 100 } }], HARDWARE)).status).toBe('unknown');
  });
  it('a device’s idle qubits cost nothing', async () => {
    const wide: Circuit = {
      version: 1,
      qubits: 156,
      bits: 2,
      operations: [gate('h', [140]), gate('cx', [140, 17]), measure(140, 0), measure(17, 1)],
    };
    expect((await judge([{ circuit: wide, counts: { '00': 500, '11': 500 } }], HARDWARE)).status).toBe(
      'pass',
    );
  });
});

describe('is unknown, with the reason,', () => {
  const wide: Circuit = { version: 1, qubits: 21, bits: 21, operations: measureAll(21) };
  it.each<[string, Counted, string, RegExp]>([
    ['one shot', honest(TILTED, 1), 'plausibility.shots', /^1 shot is too few to tell$/],
    ['no shots', { circuit: BELL, counts: {} }, 'plausibility.shots', /no shots/],
    [
      'too many qubits',
      { circuit: wide, counts: { ['0'.repeat(21)]: 5 } },
      'plausibility.size',
      /^its circuit acts on 21 qubits, over 20$/,
    ],
    [
      'expectation values',
      { circuit: BELL, result: { kind: 'expectation', values: [1] } },
      'plausibility.result',
      /expectation/,
    ],
    ['no result', { circuit: BELL, result: { kind: 'none' } }, 'plausibility.result', /no result/],
    [
      'counts that are held nowhere',
      { circuit: BELL, result: { kind: 'counts', bits: 2, outcomes: 2, digest: digestOf(utf8('x')) } },
      'plausibility.result',
      /is not here/,
    ],
    [
      'another width',
      { circuit: BELL, counts: { '000': 9 } },
      'plausibility.result',
      /3 bits, its circuit has 2/,
    ],
  ])('of %s', async (_, program, code, reason) => {
    expect(await judge([program])).toMatchObject({
      status: 'unknown',
      code,
      evidence: expect.stringMatching(reason),
    });
  });

  it('of a circuit that is not here, is another, or is none', async () => {
    const program = honest(BELL, 100);
    const digest = circuitDigest(BELL);
    for (const held of [new Map(), new Map([[digest, utf8('{}')]])])
      expect(await judge([program], {}, held)).toMatchObject({
        status: 'unknown',
        code: 'plausibility.circuit',
      });
  });

  it('one of many programs, and says which', async () => {
    const { status, evidence } = await judge([
      honest(BELL, 100),
      { circuit: wide, counts: { ['0'.repeat(21)]: 5 } },
    ]);
    expect([status, evidence]).toEqual([
      'unknown',
      expect.stringMatching(/^1 of 2 programs fit; program 1: its circuit acts/),
    ]);
  });
});

it('one outcome alone leaves nothing to test, and nothing to doubt', async () => {
  const certain: Circuit = { version: 1, qubits: 1, bits: 1, operations: [gate('x', [0]), measure(0, 0)] };
  expect((await judge([{ circuit: certain, counts: { 1: 1 } }])).evidence).toMatch(
    /^1 shot of the one outcome/,
  );
});

it('a measurement in the middle of the circuit is followed both ways', async () => {
  const twice: Circuit = {
    version: 1,
    qubits: 1,
    bits: 2,
    operations: [gate('h', [0]), measure(0, 0), gate('x', [0]), measure(0, 1)],
  };
  expect((await judge([honest(twice, 500)])).status).toBe('pass');
  const { evidence } = await judge([{ circuit: twice, counts: { '01': 250, '10': 249, '11': 1 } }]);
  expect(evidence).toContain(': 11 (1)');
});

it('so many programs that verifying would take minutes are not all judged', async () => {
  const wide: Circuit = { version: 1, qubits: 18, bits: 18, operations: measureAll(18) };
  const sweep = Array.from({ length: 80 }, () => ({ circuit: wide, counts: { ['0'.repeat(18)]: 9 } }));
  expect(await judge(sweep)).toMatchObject({
    status: 'unknown',
    code: 'plausibility.size',
    evidence: expect.stringMatching(/^\d\d of 80 programs fit; program \d\d: there are too many programs/),
  });
});

it('of many programs the one that doesn’t fit is named, and none is accused for being one of many', async () => {
  const hundred = Array.from({ length: 100 }, (_, at) => honest(TILTED, 300, at));
  expect((await judge(hundred)).status).toBe('pass');
  const bad = hundred.with(37, { circuit: TILTED, counts: { '00': 10, '01': 145, '10': 145 } });
  expect(await judge(bad)).toMatchObject({
    status: 'fail',
    evidence: expect.stringMatching(/^program 37: /),
  });
});

describe('in a verdict', () => {
  const lie: Counted = { circuit: BELL, counts: { '00': 500, '11': 400, '01': 100 } };
  const verify = async (program: Counted, trust: Trust, means = { plausibility: judgePlausibility }) => {
    const record = await countedRecord(signer, [program]);
    return verifyBytes(countedBundle(signer, record, [program]), trust, NOW, means);
  };
  const plausibilityOf = (checks: readonly Check[]) => checks.filter(({ id }) => id === 'plausibility');

  it('it informs, and spoils no pass', async () => {
    const { verdict, checks } = await verify(lie, trusting());
    expect(verdict).toBe('pass');
    expect(plausibilityOf(checks)).toMatchObject([{ status: 'unknown', code: 'plausibility.impossible' }]);
  });
  it('it fails where the policy demands it', async () => {
    expect(await verify(lie, trusting(DEMANDED))).toMatchObject({
      verdict: 'fail',
      headline: 'FAIL: plausibility',
    });
    expect((await verify(honest(BELL, 500), trusting(DEMANDED))).verdict).toBe('pass');
  });
  it('demanded and unknown is INCOMPLETE, and says both', async () => {
    const { headline, checks } = await verify(honest(TILTED, 1), trusting(DEMANDED));
    expect(headline).toBe('INCOMPLETE: plausibility');
    expect(plausibilityOf(checks).map(({ status }) => status)).toEqual(['unknown', 'missing']);
  });
  it('it isn’t there where no one asks', async () => {
    expect(plausibilityOf((await verify(lie, trusting(), {} as never)).checks)).toEqual([]);
  });
  it('counts that don’t add up are not simulated', async () => {
    const record = await signedRecord(signer, ({ execution }) => {
      execution.result_summary = [{ kind: 'counts', bits: 2, counts: { '00': 7 } }];
    });
    const { checks } = await verifyBytes(utf8(recordText(record)), trusting(), NOW, {
      plausibility: () => {
        throw new Error('simulated');
      },
    });
    expect(plausibilityOf(checks)).toMatchObject([{ status: 'skipped' }]);
  });
  it('a bare record of a workload needs no circuit beside it', async () => {
    const record = await signedRecord(signer);
    const { checks } = await verifyBytes(utf8(recordText(record)), trusting(), NOW, {
      plausibility: judgePlausibility,
    });
    // Its counts are made up.
    expect(plausibilityOf(checks)).toMatchObject([{ code: 'plausibility.impossible' }]);
  });
});
