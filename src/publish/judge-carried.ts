/** A statement that comes with the keys of whoever is said to have made it: of a manifest, a link or a reproduction. */

import type { JsonObject } from '../core/json.ts';
import { type Found, found } from '../verify/check.ts';
import {
  type Judged,
  type JudgedStatement,
  judgeStatement,
  type StatementMeans,
} from '../verify/judge-statement.ts';
import { statementCheck } from '../verify/statement-checks.ts';
import { type CarriedKey, carryKeys, type Trust } from '../verify/trust.ts';
import { findMixture } from './policy-keys.ts';

/**
 * With a policy its own keys are asked first. One that it lacks is judged by the key that came along, and stays nobody's: a signature that
 * doesn't hold is found also where the policy knows the other key alone.
 * @param keys of one identity, as the evidence names them
 */
export async function judgeCarried(
  statement: JsonObject,
  keys: readonly CarriedKey[],
  trust: Trust,
  means: StatementMeans,
): Promise<Judged> {
  const carried = carryKeys(keys);
  const judged = await judgeStatement(
    statement,
    trust.kind === 'policy' ? trust : { ...trust, carried },
    means,
  );
  if (trust.kind !== 'policy' || judged.value === undefined) return judged;
  if (judged.value.signed.signature.code !== 'signer.unknown')
    return refuseMixture(judged.value, keys, trust);
  const { value, ...fault } = await judgeStatement(statement, { kind: 'unasked', carried }, means);
  return value === undefined ? (fault as Judged) : { value: asStranger(value, trust.path) };
}

const ASK = 'ask who made it for their keys, on a channel you trust, then add them to your policy';

/** Of logs and clocks it tells no more than what is wrong: here nobody was asked which of them the policy knows. */
function asStranger(statement: JudgedStatement, policy: string): JudgedStatement {
  const stranger = found('unknown', `its key is not in ${policy}`, 'signer.unknown', ASK);
  const { signed, checks } = withSigner(statement, stranger);
  return {
    ...statement,
    signed,
    checks: checks.filter(({ id, status }) => id.startsWith('statement.') || status === 'fail'),
  };
}

function refuseMixture(value: JudgedStatement, keys: readonly CarriedKey[], trust: Trust): Judged {
  const mixture = findMixture(keys, trust);
  return {
    value: mixture === undefined ? value : withSigner(value, found('unknown', mixture, 'signer.mixed', ASK)),
  };
}

/** Also for whoever asks again, when it is known by when the signature existed. */
function withSigner(statement: JudgedStatement, signer: Found): JudgedStatement {
  return {
    ...statement,
    signed: { ...statement.signed, signer: () => signer },
    checks: statement.checks.map((check) =>
      check.id === 'statement.signer' && check.status !== 'skipped'
        ? statementCheck('signer', signer)
        : check,
    ),
  };
}
