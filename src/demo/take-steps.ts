/** Each step through the verifier, and whether it found what it must, for the reason that it must. */

import type { Check, Verdict } from '../verify/check.ts';
import type { Hands, Sample, Tampered } from './sample.ts';
import type { Reason, Step } from './steps.ts';

export interface StepResult {
  readonly step: Step;
  readonly verdict: Verdict;
  /** A check for each reason, as far as they are there. */
  readonly found: readonly Check[];
  /** What is not as it must be; empty where all is. */
  readonly amiss: readonly string[];
}

export type Verify = (tampered: Tampered, step: Step) => Promise<Verdict>;

/** Of the steps those whose bundle the sample has. */
export async function* takeSteps(
  steps: readonly Step[],
  sample: Sample,
  hands: Hands,
  verify: Verify,
): AsyncGenerator<StepResult> {
  for (const step of steps) {
    if (sample[step.of ?? 'bundle'] === undefined) continue;
    const verdict = await verify(await step.tamper(sample, hands), step);
    yield judgeStep(step, verdict);
  }
}

/**
 * A verifier that refuses everything would refuse each tampering too: so the verdict must be the one that is named, each named
 * check must say so, and no other may fail.
 */
export function judgeStep(step: Step, verdict: Verdict): StepResult {
  const { because } = step.must;
  const found = because.map((reason) => findFor(reason, verdict.checks));
  const missing = because.filter((_, at) => found[at] === undefined);
  const strange = verdict.checks.filter(
    (check) => check.status === 'fail' && !because.some((reason) => isFor(reason, check)),
  );
  return {
    step,
    verdict,
    found: found.filter((check) => check !== undefined),
    amiss: [
      ...(verdict.verdict === step.must.verdict
        ? []
        : [`the verdict is ${verdict.verdict}, and must be ${step.must.verdict}`]),
      ...missing.map(
        ({ id, status, code }) => `${id} is not ${status}${code === undefined ? '' : ` (${code})`}`,
      ),
      ...new Set(strange.map(({ id }) => `${id} fails, and isn't what must fail here`)),
    ],
  };
}

/** Of several the same one each time: a bundle's parts stand in an order that randomized signatures make. */
function findFor(reason: Reason, checks: readonly Check[]): Check | undefined {
  const all = checks.filter((check) => isFor(reason, check));
  return all.toSorted((a, b) => (a.evidence < b.evidence ? -1 : 1))[0];
}

function isFor({ id, status, code }: Reason, check: Check): boolean {
  return check.id === id && check.status === status && check.code === code;
}
