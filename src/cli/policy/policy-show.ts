/** `qpoe policy show`: the policy in words. */

import { formatTime } from '../../core/time.ts';
import { describePolicy } from '../../verify/describe-policy.ts';
import type { Policy } from '../../verify/policy.ts';
import { DEMANDS, demandsOf, levelOf } from '../../verify/policy-levels.ts';
import { signerPrints } from '../../verify/signer-prints.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { requirePolicy } from '../verify/chosen-policy.ts';

export function showPolicy(context: Context, file: string | undefined): ExitCode {
  const { policy, path } = requirePolicy(context, file);
  for (const line of describePolicy(policy, path)) context.say(line);
  context.answer('policy-show', {
    policy: path,
    level: levelOf(policy) ?? null,
    demands: demandsOf(policy).map((demand) => ({ demand, means: DEMANDS[demand] })),
    signers: (policy.signer ?? []).map((signer) => ({
      name: signer.name,
      fingerprints: signerPrints(signer),
    })),
    content: asWritten(policy),
  });
  return EXIT.pass;
}

/** As the file has it, and `qpoe schema policy` describes it: with times as text. */
function asWritten({ signer, require, ...rest }: Policy): object {
  const time = (name: string, ms: number | undefined) => (ms === undefined ? {} : { [name]: formatTime(ms) });
  return {
    ...rest,
    ...(signer === undefined
      ? {}
      : {
          signer: signer.map((one) => ({
            ...one,
            ...time('not_before', one.not_before),
            ...time('not_after', one.not_after),
            ...time('revoked_at', one.revoked_at),
          })),
        }),
    ...(require?.bundle === undefined
      ? { require }
      : {
          require: {
            ...require,
            bundle: { ...require.bundle, ...time('existed_by', require.bundle.existed_by) },
          },
        }),
  };
}
