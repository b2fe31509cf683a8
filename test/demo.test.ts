/** The demo's steps by themselves, on the committed sample: each is found for its own reason, and for no other. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { handOf, logHandOf, readKeys } from '../src/cli/demo/demo-hands.ts';
import { evidenceMeans } from '../src/cli/verify/evidence-means.ts';
import { utf8 } from '../src/core/bytes.ts';
import { canonicalText } from '../src/core/jcs.ts';
import type { JsonObject } from '../src/core/json.ts';
import { type Hands, recordOf, type Sample, signAs, type Tampered } from '../src/demo/sample.ts';
import { restate } from '../src/demo/statements.ts';
import { STEPS, type Step } from '../src/demo/steps.ts';
import { judgeStep, type StepResult, takeSteps } from '../src/demo/take-steps.ts';
import type { EvidenceBundle } from '../src/verify/bundle.ts';
import { parsePolicy } from '../src/verify/policy.ts';
import type { Trust } from '../src/verify/trust.ts';
import { verifyBytes } from '../src/verify/verify.ts';

const folder = join(import.meta.dirname, '../demo');
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
const readBundle = (name: string) => JSON.parse(read(name)) as EvidenceBundle;
const path = join(folder, 'trust.toml');
const trust: Trust = { kind: 'policy', policy: parsePolicy(read('trust.toml'), path), path };

let sample: Sample;
let hands: Hands;
beforeAll(() => {
  sample = {
    bundle: readBundle('demo.qpoe.json'),
    invented: readBundle('invented.qpoe.json'),
    bound: readBundle('bound.qpoe.json'),
    retagged: readBundle('retagged.qpoe.json'),
  };
  const { signer, log, attacker } = readKeys(JSON.parse(read('keys.json')));
  hands = { signer: handOf(signer), log: logHandOf(log), attacker: handOf(attacker) };
});

async function judge({ bundle }: Tampered, by: Trust = trust) {
  const text = canonicalText(bundle as unknown as JsonObject);
  return verifyBytes(utf8(text), by, Date.now(), await evidenceMeans(by));
}

async function take(steps: readonly Step[]): Promise<readonly StepResult[]> {
  const results: StepResult[] = [];
  for await (const result of takeSteps(steps, sample, hands, (tampered) => judge(tampered)))
    results.push(result);
  return results;
}

const stepOf = (id: string): Step => STEPS.find((step) => step.id === id)!;

it('has every layer in its sample, and all of it is judged', async () => {
  const { verdict, checks } = await judge(sample);
  expect(verdict).toBe('pass');
  expect(checks.filter(({ status }) => status !== 'pass')).toEqual([]);
  const ids = checks.map(({ id }) => id);
  for (const id of ['receipt.signature', 'time.stamp', 'time.existed_by', 'log.witnesses', 'anchor.block'])
    expect(ids).toContain(id);
});

it('goes as it must, at every step', async () => {
  for (const { step, amiss } of await take(STEPS)) expect(amiss, step.id).toEqual([]);
});

it('tampers at every step but the first', async () => {
  const before = canonicalText(sample.bundle as unknown as JsonObject);
  for (const { id, tamper } of STEPS) {
    const { bundle } = await tamper(sample, hands);
    expect(canonicalText(bundle as unknown as JsonObject) === before, id).toBe(id === 'verify');
  }
});

describe('a step is amiss', () => {
  it.each(STEPS.filter(({ must }) => must.verdict !== 'pass').map(({ id }) => id))(
    'where %s changes nothing',
    async (id) => {
      const idle: Step = { ...stepOf(id), tamper: ({ bundle }) => ({ bundle }) };
      const [result] = await take([idle]);
      expect(result!.amiss[0]).toMatch(/^the verdict is pass/);
    },
  );

  it('where the tags contradict nothing, or nothing is bound', async () => {
    const honest: Step = { ...stepOf('changed-tag'), tamper: ({ bound }) => ({ bundle: bound! }) };
    expect((await take([honest]))[0]!.amiss).toEqual(['binding.tags is not unknown (binding.tags-differ)']);
    const unbound: Step = { ...stepOf('runtime'), tamper: ({ bundle }) => ({ bundle }) };
    expect((await take([unbound]))[0]!.amiss[0]).toBe('binding.match is not pass');
  });

  it('where it is found for a reason that belongs to another', async () => {
    const refused = STEPS.filter(({ must }) => must.verdict !== 'pass');
    // A stranger's bundle is one, with and without a policy beside it; and no key can be put in without another hash.
    const alike = [
      ['re-sign', 'planted-policy'],
      ['change-count', 'own-key'],
    ];
    for (const step of refused)
      for (const other of refused) {
        const same =
          step === other || alike.some((pair) => pair.includes(step.id) && pair.includes(other.id));
        const [result] = await take([{ ...step, must: other.must }]);
        expect(result!.amiss.length === 0, `${step.id} by the reasons of ${other.id}`).toBe(same);
      }
  });

  it('where a verifier refuses everything, or nothing', async () => {
    const { checks, ...verdict } = await judge(sample);
    const blunt = {
      ...verdict,
      verdict: 'fail' as const,
      checks: checks.map((check) => ({ ...check, status: 'fail' as const })),
    };
    for (const step of STEPS) expect(judgeStep(step, blunt).amiss, step.id).not.toEqual([]);
    const blind = { ...verdict, checks };
    for (const step of STEPS.filter(({ must }) => must.verdict !== 'pass'))
      expect(judgeStep(step, blind).amiss, step.id).not.toEqual([]);
  });
});

it('plants a policy that would make a pass of it, were it believed', async () => {
  const planted = await stepOf('planted-policy').tamper(sample, hands);
  const files = Object.entries(planted.beside!).filter(([name]) => name.endsWith('trust.toml'));
  expect(files.length).toBeGreaterThan(1);
  for (const [name, toml] of files) {
    const believed: Trust = { kind: 'policy', policy: parsePolicy(toml, name), path: name };
    expect(await judge(planted, believed)).toMatchObject({ verdict: 'pass', signer: 'DEMO' });
  }
});

it('forks the log with all keys of the signer’s own, so that nothing but others’ evidence stops it', async () => {
  const forked = await stepOf('forked-log').tamper(sample, hands);
  const { chain: _, require: __, log, ...alone } = (trust as Extract<Trust, { kind: 'policy' }>).policy;
  const unwitnessed = { ...alone, log: log!.map(({ vkey }) => ({ vkey })) };
  const policy: Trust = { kind: 'policy', path, policy: unwitnessed };
  const { anchors: _anchors, ...rest } = forked.bundle;
  const verdict = await judge({ bundle: { ...rest, anchors: [] } }, policy);
  expect(verdict.verdict).toBe('pass');
  expect(verdict.checks.filter(({ id, status }) => /^log\./.test(id) && status !== 'pass')).toEqual([]);
});

it('swaps in an anchor that holds for its own record', async () => {
  const { bundle } = await stepOf('anchor').tamper(sample, hands);
  const there = { bundle: { ...sample.invented, anchors: bundle.anchors } };
  const checks = (await judge(there)).checks.filter(({ id }) => id.startsWith('anchor.'));
  expect(checks.map(({ status }) => status)).toEqual(['pass', 'pass', 'pass', 'pass']);
});

describe('the Runtime part', () => {
  it('is of two jobs, bound to one receipt, in records of their own', () => {
    const jobs = [sample.bound!, sample.retagged!].map((bundle) => recordOf(bundle).execution.job);
    const [first, second] = jobs.map(({ job_id: id }) => id);
    expect(first).not.toBe(second);
    for (const job of jobs)
      expect(job).toMatchObject({ bound_by: 'submission', binding: { runtime: { job_id: job.job_id } } });
    const [bound, retagged] = jobs.map(({ binding }) => (binding as JsonObject).provenance);
    expect(bound).toEqual(retagged);
  });

  it('copies a binding with all that the signer can sign: with the job’s own, the same hand makes no failure', async () => {
    const { signer } = hands;
    const { retagged } = sample;
    const own = await restate(retagged!, await signAs(signer, recordOf(retagged!)), signer);
    const { checks } = await judge({ bundle: { ...own, anchors: [] } });
    expect(checks.filter(({ status }) => status === 'fail')).toEqual([]);
    expect(checks).toContainEqual(expect.objectContaining({ id: 'binding.match', status: 'pass' }));
  });

  it('is left out where the sample has no receipt to bind to', async () => {
    const { bound: _, retagged: __, ...without } = sample;
    const taken: string[] = [];
    for await (const { step } of takeSteps(STEPS, without, hands, (tampered) => judge(tampered)))
      taken.push(step.id);
    const left = STEPS.map(({ id }) => id).filter((id) => !taken.includes(id));
    expect(left).toEqual(['runtime', 'copied-binding', 'changed-tag']);
  });
});
