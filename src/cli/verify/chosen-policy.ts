/** The policy that a command means: the one named, else the person's own. Nothing in or beside the evidence is looked at. */

import { noPolicy } from '../../store/edit-policy.ts';
import { type PolicyFile, readNamedPolicy, readOwnPolicyFile } from '../../store/home.ts';
import type { Context } from '../context.ts';

export interface ChosenPolicy extends PolicyFile {
  readonly path: string;
}

/** @returns undefined where none is named and the person has none. @throws QpoeError */
export function choosePolicy(
  { home, environment, config }: Context,
  file: string | undefined,
): ChosenPolicy | undefined {
  const named = file ?? (environment.QPOE_POLICY || config.policy);
  if (named !== undefined) return { ...readNamedPolicy(named), path: named };
  const own = readOwnPolicyFile(home);
  return own === undefined ? undefined : { ...own, path: home.policy };
}

/** @throws QpoeError, also where there is none */
export function requirePolicy(context: Context, file: string | undefined): ChosenPolicy {
  const chosen = choosePolicy(context, file);
  if (chosen !== undefined) return chosen;
  throw noPolicy(context.home);
}
