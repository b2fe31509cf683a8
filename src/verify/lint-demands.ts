/** Demands that nothing in the policy can meet: whatever is verified with it is INCOMPLETE. */

import { isDevelopment } from './anchor-checks.ts';
import type { Policy } from './policy.ts';
import { datesRecords, isPinned, isWitnessed, vouches } from './policy-dates.ts';
import { note, only, type PolicyFacts, type PolicyFinding, warning } from './policy-finding.ts';
import { type Demand, demandsOf } from './policy-levels.ts';

export function requireFindings(policy: Policy, facts: PolicyFacts): PolicyFinding[] {
  const asked = demandsOf(policy);
  const unmet = asked.flatMap((demand) => {
    const why = UNMET[demand]?.(policy, facts);
    return why === undefined
      ? []
      : [warning(`require.${demand}`, `it demands ${shown(demand)}, and ${why[0]}`, why[1])];
  });
  return [
    ...unmet,
    ...only(
      asked.some((demand) => demand !== 'plausibility'),
      note(
        'require.bundles-only',
        'what it requires is asked of bundles: a bare record passes without it',
        'ask for bundles, and verify those',
      ),
    ),
  ];
}

/** Why nothing can meet a demand, and what then. */
type Unmet = readonly [why: string, next: string];

const shown = (demand: Demand): string =>
  demand === 'p256' || demand === 'ml-dsa-65' ? `${demand} statements` : demand;

const UNMET: Partial<Record<Demand, (policy: Policy, facts: PolicyFacts) => Unmet | undefined>> = {
  p256: (policy) => lacksKey(policy, 'p256'),
  'ml-dsa-65': (policy) => lacksKey(policy, 'ml_dsa_65'),
  log: lacksLog,
  witnesses: (policy) =>
    lacksLog(policy) ??
    (policy.log!.some(isWitnessed)
      ? undefined
      : ['none of its logs has witnesses', 'qpoe policy add-log VKEY --witness VKEY']),
  anchor: lacksBlock,
  receipt: lacksReceiptSigner,
  binding: (policy) => lacksReceiptSigner(policy) ?? lacksReceiptLog(policy),
  existed_by: (policy, facts) =>
    datesRecords(policy, facts)
      ? undefined
      : [
          'nothing here can date anything',
          'add witnesses of a log, a [[timestamp_authority]], or a chain’s pinned blocks',
        ],
};

function lacksKey({ signer = [] }: Policy, key: 'p256' | 'ml_dsa_65'): Unmet | undefined {
  return signer.some((one) => one[key] !== undefined && vouches(one, 'record'))
    ? undefined
    : [`no signer of records has a ${key} key`, 'add it, from a channel you trust: qpoe policy add-signer'];
}

/** Only P-256 statements are logged. */
function lacksLog(policy: Policy): Unmet | undefined {
  return (policy.log ?? []).length === 0
    ? ['knows no [[log]]', 'qpoe policy add-log; a run adds your own']
    : lacksKey(policy, 'p256');
}

function lacksBlock({ chain = [] }: Policy): Unmet | undefined {
  if (chain.length === 0) return ['knows no [[chain]]', 'qpoe policy add-chain, then pin-block'];
  const pinned = chain.filter(isPinned);
  if (pinned.length === 0) return ['no block of its chains is pinned', 'qpoe policy pin-block'];
  return pinned.every(isDevelopment)
    ? ['only a chain of your own machine is pinned, which shows no one anything', 'qpoe policy add-chain']
    : undefined;
}

/** Receipts are signed in envelopes, so by an Ed25519 key alone never. */
function lacksReceiptSigner({ signer = [], keyless = [] }: Policy): Unmet | undefined {
  const keys = signer.filter(({ p256, ml_dsa_65 }) => (p256 ?? ml_dsa_65) !== undefined);
  return [...keys, ...keyless].some((one) => vouches(one, 'receipt'))
    ? undefined
    : [
        'no one it knows may vouch for receipts, with a p256 or ml_dsa_65 key or a certificate',
        'add "receipt" to a signer’s signs, or a [[keyless]]',
      ];
}

/** Sigstore's own logs vouch for what was signed by certificate. */
function lacksReceiptLog({ log = [], keyless = [] }: Policy): Unmet | undefined {
  return log.length > 0 || keyless.some((one) => vouches(one, 'receipt'))
    ? undefined
    : ['knows no [[log]] that could hold the receipt', 'qpoe policy add-log; a run adds your own'];
}
