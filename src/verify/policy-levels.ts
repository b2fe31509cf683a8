/**
 * What a policy can demand, in words, and the levels to start from: named sets of `[require.bundle]`. A level is where a file
 * begins and no setting of its own: what stands in the file is what is asked.
 */

import type { Policy } from './policy.ts';

export type BundleDemands = NonNullable<NonNullable<Policy['require']>['bundle']>;

/** Each demand, with what it means. In the order in which files and tables list them. */
export const DEMANDS = {
  p256: 'a P-256 statement of the record by a signer you know: what Sigstore’s tools check, and what logs take',
  'ml-dsa-65': 'an ML-DSA-65 statement too, so that the evidence outlives elliptic curves',
  log: 'a statement in a transparency log you know: whoever follows the log sees what the signer entered',
  witnesses:
    'that log’s checkpoint, seen by a quorum of its witnesses: one history for everyone, and a date that is not the signer’s',
  anchor:
    'the log’s checkpoint, or the record’s hash, in a block that you pinned: evidence that outlives log and witnesses',
  receipt: 'the receipt of the source commit, by a signer you let vouch for receipts: what it declares of AI',
  artifacts: 'everything that the record names by digest: circuits and raw results, to be computed again',
  binding: 'the provider’s job, bound to the receipt of its source and to that receipt’s log entry',
  existed_by: 'someone else’s word that the record existed by this time',
  plausibility: 'counts that the circuit can have given',
} as const satisfies Readonly<Record<string, string>>;

export type Demand = keyof typeof DEMANDS;
export const DEMAND_NAMES = Object.keys(DEMANDS) as readonly Demand[];

export const LEVELS = {
  own: {
    for: 'your own files: someone you know signed them',
    demands: [],
  },
  lab: {
    for: 'a lab’s records among colleagues: stated, and in the log',
    demands: ['p256', 'log'],
  },
  publication: {
    for: 'what a reviewer or reader relies on: complete, dated by others than its author, and for decades',
    demands: ['p256', 'ml-dsa-65', 'log', 'witnesses', 'artifacts'],
  },
  strict: {
    for: 'every layer that this version can judge: of a provider’s jobs, bound to their source; not plausibility, which no large circuit can show',
    demands: ['p256', 'ml-dsa-65', 'log', 'witnesses', 'anchor', 'receipt', 'artifacts', 'binding'],
  },
} as const satisfies Readonly<Record<string, { readonly for: string; readonly demands: readonly Demand[] }>>;

export type Level = keyof typeof LEVELS;
export const LEVEL_NAMES = Object.keys(LEVELS) as readonly Level[];

const STATEMENTS = ['p256', 'ml-dsa-65'] as const;

export function demandsOf({ require: { plausibility, bundle = {} } = {} }: Policy): readonly Demand[] {
  const { statements = [], existed_by, ...flags } = bundle;
  const asked = new Set<Demand>(statements);
  for (const [name, on] of Object.entries({ ...flags, plausibility })) if (on) asked.add(name as Demand);
  if (existed_by !== undefined) asked.add('existed_by');
  return DEMAND_NAMES.filter((name) => asked.has(name));
}

/** The level whose demands are exactly the policy's; a date beside them is the person's own. */
export function levelOf(policy: Policy): Level | undefined {
  const asked = demandsOf(policy).filter((demand) => demand !== 'existed_by');
  return LEVEL_NAMES.find((level) => LEVELS[level].demands.join() === asked.join());
}

/** The level's `[require.bundle]`. */
export function bundleDemands(level: Level): BundleDemands {
  const asked: readonly Demand[] = LEVELS[level].demands;
  const statements = STATEMENTS.filter((algorithm) => asked.includes(algorithm));
  const flags = asked.filter((demand) => !statements.some((algorithm) => algorithm === demand));
  return {
    ...(statements.length === 0 ? {} : { statements }),
    ...Object.fromEntries(flags.map((flag) => [flag, true])),
  };
}
