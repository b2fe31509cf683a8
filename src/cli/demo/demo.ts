/** `qpoe demo`: a proof chain, everything one would try against it, what the verifier says, and what no verifier can see. */

import { once } from 'node:events';
import { QpoeError } from '../../core/error.ts';
import { type JsonObject, parseJsonBytes, WRAPPED } from '../../core/json.ts';
import { printable } from '../../core/printable.ts';
import type { Hands, Sample } from '../../demo/sample.ts';
import { STEPS, UNSEEN } from '../../demo/steps.ts';
import { type StepResult, takeSteps } from '../../demo/take-steps.ts';
import { hasLocalChain } from '../../online/local-chain.ts';
import { generateIdentity } from '../../store/identity.ts';
import { type EvidenceBundle, readBundle } from '../../verify/bundle.ts';
import type { Check } from '../../verify/check.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { handOf, logHandOf } from './demo-hands.ts';
import { contextIn, type DemoPlace } from './demo-place.ts';
import type { RuntimeSample } from './demo-runtime.ts';
import { verifyIn } from './demo-verify.ts';

export interface DemoOptions {
  /** The committed sample, instead of making one. */
  readonly static?: boolean;
  /** No pauses. */
  readonly yes?: boolean;
  readonly out?: string;
}

/** @param context with the demo's own home and store */
export async function demo(context: Context, place: DemoPlace, options: DemoOptions): Promise<ExitCode> {
  const inner = contextIn(place, context);
  const { sample, hands, kind, without } = await findSample(context, inner, place, options);
  introduce(context, sample, kind, without);
  const pauses = isWatched(context, options);
  const results: StepResult[] = [];
  for await (const result of takeSteps(STEPS, sample, hands, verifyIn(inner, place))) {
    if (pauses && results.length > 0) await pause(context.signal);
    if (context.signal.aborted) throw new QpoeError('interrupted', 'stopped before the last step');
    results.push(result);
    for (const line of renderStep(result, results.length)) context.say(line);
  }
  return conclude(context, kind, results);
}

interface FoundSample {
  readonly sample: Sample;
  readonly hands: Hands;
  readonly kind: 'static' | 'live';
  readonly without: readonly string[];
}

async function findSample(
  context: Context,
  inner: Context,
  place: DemoPlace,
  options: DemoOptions,
): Promise<FoundSample> {
  const live = options.static !== true && hasLocalChain();
  if (options.static !== true && !live)
    context.note('no anvil here to anchor on: the committed sample is taken, as with --static');
  if (!live) {
    const { signer, log, attacker, ...bundles } = (await import('./demo-static.ts')).readStaticSample(place);
    const hands = { signer: handOf(signer), log: logHandOf(log), attacker: handOf(attacker) };
    return { sample: readSample(bundles), hands, kind: 'static', without: [] };
  }
  const made = await (await import('./demo-live.ts')).makeLiveSample(inner, place);
  const hands = {
    signer: handOf(made.signer),
    log: logHandOf(made.log.key),
    attacker: handOf(generateIdentity()),
  };
  return {
    sample: readSample({ bundle: made.bundle, invented: made.invented, ...made.runtime }),
    hands,
    kind: 'live',
    without: made.without,
  };
}

type SampleBytes = Readonly<Record<'bundle' | 'invented', Uint8Array>> & Partial<RuntimeSample>;

function readSample({ bundle, invented, bound, retagged }: SampleBytes): Sample {
  return {
    bundle: readSampleBundle(bundle),
    invented: readSampleBundle(invented),
    ...(bound === undefined ? {} : { bound: readSampleBundle(bound) }),
    ...(retagged === undefined ? {} : { retagged: readSampleBundle(retagged) }),
  };
}

function readSampleBundle(bytes: Uint8Array): EvidenceBundle {
  const { value, fault } = readBundle(parseJsonBytes(bytes, WRAPPED) as JsonObject);
  if (fault !== undefined)
    throw new QpoeError('unreadable', `the demo's sample: ${fault}`, 'install qpoe again');
  return value;
}

/** A person at a terminal, to whom the answer is shown as it comes. */
function isWatched({ json }: Context, { yes, out }: DemoOptions): boolean {
  return yes !== true && !json && out === undefined && process.stdin.isTTY && process.stdout.isTTY;
}

/** Until Enter; not at all once the input has ended. The terminal stays as it is, so that Ctrl-C is the signal that it always is. */
async function pause(signal: AbortSignal): Promise<void> {
  if (process.stdin.readableEnded) return;
  process.stderr.write('Enter for the next step ');
  const ended = new AbortController();
  try {
    process.stdin.resume();
    const stop = { signal: AbortSignal.any([signal, ended.signal]) };
    await Promise.race([once(process.stdin, 'data', stop), once(process.stdin, 'end', stop)]);
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new QpoeError('interrupted', 'stopped before the last step');
  } finally {
    ended.abort();
    process.stdin.pause();
  }
}

const INDENT = ' '.repeat(13);
const line = (label: string, text: string): string => `   ${label.padEnd(10)}${text}`;

function introduce(
  context: Context,
  { bundle }: Sample,
  kind: FoundSample['kind'],
  without: readonly string[],
): void {
  const { statements, artifacts, timestamps, anchors } = bundle;
  context.say('DEMO: one proof chain, and what happens to whoever tampers with it');
  context.say(
    kind === 'live'
      ? 'The bundle was made just now, in a folder that is removed at the end; its keys go with it.'
      : 'The bundle is the one in demo/ of this package; its keys are public, and no policy but the demo’s trusts them.',
  );
  context.say(
    `It holds a record, ${statements.length} statements, ${Object.keys(artifacts).length} artifacts, ${timestamps.length} time stamps and ${anchors.length} anchor.`,
  );
  for (const reason of without) context.say(`It has ${reason}.`);
  context.say('Its chain is a local one, which shows how anchors work and is no evidence of time.');
}

function renderStep({ step, verdict, found, amiss }: StepResult, number: number): string[] {
  return [
    '',
    `${String(number).padStart(2)} ${step.title}`,
    line('expected', step.expect),
    line('verdict', printable(verdict.headline)),
    ...renderFound(found).map((text) => `${INDENT}${text}`),
    line('why', step.why),
    ...amiss.map((fault) => line('AMISS', fault)),
  ];
}

function renderFound(found: readonly Check[]): string[] {
  const passed = found.filter(({ status }) => status === 'pass').map(({ id }) => id);
  const others = found.filter(({ status }) => status !== 'pass');
  return [
    ...(passed.length === 0 ? [] : [`pass ${passed.join(', ')}`]),
    ...others.map(({ id, status, evidence }) => `${status} ${id}: ${printable(evidence)}`),
  ];
}

function conclude(context: Context, kind: FoundSample['kind'], results: readonly StepResult[]): ExitCode {
  context.say('');
  context.say('What no verifier can see:');
  for (const { what, why } of UNSEEN) context.say(` · ${what}: ${why}`);
  context.say('');
  const bad = results.filter(({ amiss }) => amiss.length > 0);
  context.say(
    bad.length === 0
      ? `All ${results.length} steps went as they must: each tampering was found, for the right reason.`
      : `AMISS: ${bad.map(({ step }) => step.id).join(', ')}. Do not trust this verifier.`,
  );
  const exit = bad.length === 0 ? EXIT.pass : EXIT.fail;
  context.answer('demo', {
    exit,
    sample: kind,
    steps: results.map(answerStep),
    unseen: UNSEEN,
  });
  return exit;
}

function answerStep({ step, verdict, found, amiss }: StepResult): object {
  const { id, title, expect, must, why } = step;
  return {
    id,
    title,
    expect,
    must,
    verdict: verdict.verdict,
    headline: verdict.headline,
    found,
    why,
    amiss,
  };
}
