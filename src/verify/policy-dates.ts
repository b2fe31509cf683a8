/** Whom a policy lets vouch for what, and whom it lets say when: by itself, before there is any evidence. */

import { isDevelopment } from './anchor-checks.ts';
import type { Policy } from './policy.ts';
import type { PolicyFacts } from './policy-finding.ts';

type Vouched = 'record' | 'receipt';

export const vouches = (
  { signs }: { readonly signs?: readonly Vouched[] | undefined },
  what: Vouched,
): boolean => signs === undefined || signs.includes(what);

/** Whether anyone could say when a key's signature existed. */
export function datesSignatures(policy: Policy, facts: PolicyFacts): boolean {
  const { log: logs = [], timestamp_authority: authorities = [] } = policy;
  return (
    logs.some(isWitnessed) ||
    logs.some(({ trusted_root: root }) => root !== undefined && facts.clocks.has(root)) ||
    authorities.some(({ certificate }) => !facts.faults.has(certificate)) ||
    (logs.length > 0 && hasDatingChain(policy))
  );
}

/** Or a record: its hash may stand in a block alone, and a certificate brings its own clock. */
export function datesRecords(policy: Policy, facts: PolicyFacts): boolean {
  return (
    datesSignatures(policy, facts) ||
    hasDatingChain(policy) ||
    (policy.keyless ?? []).some((one) => vouches(one, 'record'))
  );
}

type Log = NonNullable<Policy['log']>[number];
type Chain = NonNullable<Policy['chain']>[number];

export const isWitnessed = ({ witnesses = [] }: Log): boolean => witnesses.length > 0;
export const isPinned = ({ blocks = [] }: Chain): boolean => blocks.length > 0;

function hasDatingChain({ chain = [] }: Policy): boolean {
  return chain.some((one) => isPinned(one) && !isDevelopment(one));
}
