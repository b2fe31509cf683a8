/** One step of the demo: the sample is edited as the step says, here and now, and the real verifier judges what came of it. */

import { utf8 } from '../src/core/bytes.ts';
import { canonicalText } from '../src/core/jcs.ts';
import type { JsonObject, JsonValue } from '../src/core/json.ts';
import type { Hands, Sample, Tampered } from '../src/demo/sample.ts';
import { STEPS } from '../src/demo/steps.ts';
import { judgeStep } from '../src/demo/take-steps.ts';
import { verify } from './engine.ts';
import type { Change, ChosenTrust, StepTaken } from './protocol.ts';
import { handsOf, type SampleKeys } from './sample-hands.ts';

/** What stands in the page's JSON block, made by `scripts/page-sample.mjs` from `demo/`. */
interface PageSample extends Sample {
  readonly keys: SampleKeys;
  /** The policy's text. */
  readonly policy: string;
}

interface Ready {
  readonly sample: PageSample;
  readonly hands: Hands;
}

let ready: Promise<Ready> | undefined;

/** @param text of the JSON block, once */
async function readSample(text: string): Promise<Ready> {
  const sample = JSON.parse(text) as PageSample;
  return { sample, hands: await handsOf(sample.keys) };
}

export const SAMPLE_POLICY = 'demo/trust.toml';

/** @param id of a step @param text of the sample's block, the first time */
export async function takeStep(id: string, text: string | undefined): Promise<StepTaken> {
  ready ??= readSample(text!);
  const { sample, hands } = await ready;
  const step = STEPS.find((one) => one.id === id)!;
  const tampered = await step.tamper(sample, hands);
  const trust: ChosenTrust = { kind: 'policy', name: SAMPLE_POLICY, toml: sample.policy };
  const verified = await verify({ kind: 'verify', bytes: bytesOf(tampered), trust });
  const { found, amiss } = judgeStep(step, verified.verdict);
  const before = sample[step.of ?? 'bundle']!;
  const changes = changesOf(before as unknown as JsonObject, tampered.bundle as unknown as JsonObject);
  return {
    verified,
    found,
    amiss,
    changes: changes.slice(0, MOST_CHANGES),
    moreChanges: Math.max(0, changes.length - MOST_CHANGES),
    beside: Object.keys(tampered.beside ?? {}),
  };
}

function bytesOf({ bundle }: Tampered): Uint8Array {
  return utf8(`${canonicalText(bundle as unknown as JsonObject)}\n`);
}

const MOST_CHANGES = 8;
const MOST_CHARACTERS = 72;

function changesOf(before: JsonValue | undefined, after: JsonValue | undefined, path = ''): Change[] {
  if (before !== undefined && after !== undefined && canonicalText(before) === canonicalText(after))
    return [];
  if (!isTree(before) || !isTree(after)) return [change(path, before, after)];
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) =>
    changesOf(memberOf(before, name), memberOf(after, name), path === '' ? name : `${path}.${name}`),
  );
}

type Tree = { readonly [name: string]: JsonValue };

/** A list by its places. */
function isTree(value: JsonValue | undefined): value is Tree {
  return typeof value === 'object' && value !== null;
}

function memberOf(tree: Tree, name: string): JsonValue | undefined {
  return Object.hasOwn(tree, name) ? tree[name] : undefined;
}

function change(path: string, before: JsonValue | undefined, after: JsonValue | undefined): Change {
  return {
    path,
    ...(before === undefined ? {} : { before: shown(before) }),
    ...(after === undefined ? {} : { after: shown(after) }),
  };
}

function shown(value: JsonValue): string {
  const text = typeof value === 'string' ? value : canonicalText(value);
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
}
