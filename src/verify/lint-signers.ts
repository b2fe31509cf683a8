/** Signers who can vouch for nothing, and windows that nothing could be shown to be in. */

import { formatTime } from '../core/time.ts';
import { type Policy, type PolicySigner, skewMs } from './policy.ts';
import { datesSignatures, vouches } from './policy-dates.ts';
import { note, only, type PolicyFacts, type PolicyFinding, warning } from './policy-finding.ts';

export function signerFindings(policy: Policy, facts: PolicyFacts): PolicyFinding[] {
  const signers = policy.signer ?? [];
  const all = [...signers, ...(policy.keyless ?? [])];
  if (all.length === 0)
    return [warning('signer.none', 'it knows no signer: nothing can pass', 'qpoe policy add-signer')];
  return [
    ...only(
      !all.some((one) => vouches(one, 'record')),
      warning(
        'signer.no-record',
        'none of its signers may vouch for records: no record can pass',
        'add "record" to the signs of one, or leave signs out',
      ),
    ),
    ...signers.flatMap((signer) => windowFindings(signer, policy, facts)),
    ...endedFindings(policy, facts),
    ...only(
      skewMs(policy) > MAX_SKEW_MS,
      warning(
        'require.skew',
        `a skew of ${policy.require?.skew} moves the ends of every window by as much`,
        'minutes are enough for clocks that are set',
      ),
    ),
  ];
}

const MAX_SKEW_MS = 86_400_000;

function windowFindings(signer: PolicySigner, policy: Policy, facts: PolicyFacts): PolicyFinding[] {
  const { name, not_before, not_after, revoked_at, p256 } = signer;
  if ((not_before ?? not_after ?? revoked_at) === undefined) return [];
  return [
    ...only(
      not_before !== undefined && revoked_at !== undefined && revoked_at <= not_before - skewMs(policy),
      warning(
        'signer.never',
        `"${name}" was revoked before its window begins: nothing it signed can pass`,
        'correct not_before or revoked_at, or take the signer out',
      ),
    ),
    ...only(
      !datesSignatures(policy, facts),
      warning(
        'signer.undated',
        `"${name}" has a window, and nothing here can date a signature: all that it signed is unknown`,
        'add witnesses of its log (qpoe policy add-log), a [[timestamp_authority]], or a chain’s pinned blocks',
      ),
    ),
    // Logs and stamps hold P-256 envelopes, which date what else the same signer signed of the record.
    ...only(
      p256 === undefined,
      warning(
        'signer.undatable',
        `"${name}" has a window and no p256 key, by which alone its signatures are dated`,
        'add its p256 key, or leave its window out',
      ),
    ),
  ];
}

/** That a key ended is how keys are: it is a fault only where no other is in force. */
function endedFindings({ signer = [], keyless = [] }: Policy, { now }: PolicyFacts): PolicyFinding[] {
  const states = signer.map((one) => ({ one, state: stateOf(one, now) }));
  const inForce = [...states.filter(({ state }) => state === undefined).map(({ one }) => one), ...keyless];
  const say = inForce.some((one) => vouches(one, 'record')) ? note : warning;
  return states.flatMap(({ one, state }) =>
    state === undefined
      ? []
      : [say(`signer.${state.code}`, `"${one.name}" ${state.text}`, 'add the key that it signs with now')],
  );
}

function stateOf({ not_before, not_after, revoked_at }: PolicySigner, now: number) {
  if (revoked_at !== undefined && revoked_at <= now)
    return {
      code: 'revoked',
      text: `was revoked ${formatTime(revoked_at)}: what isn’t shown to be older is unknown`,
    };
  if (not_after !== undefined && not_after < now)
    return {
      code: 'ended',
      text: `ended ${formatTime(not_after)}: what isn’t shown to be older is unknown`,
    };
  return not_before !== undefined && not_before > now
    ? { code: 'not-yet', text: `is trusted from ${formatTime(not_before)} on, which is to come` }
    : undefined;
}
