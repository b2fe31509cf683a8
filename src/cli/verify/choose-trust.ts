/** Whom a verification trusts: what the person named, else the person's own policy. Nothing in or beside the evidence is looked at. */

import type { Digest } from '../../core/digest.ts';
import { QpoeError } from '../../core/error.ts';
import { readFingerprint } from '../../verify/fingerprint.ts';
import type { Trust } from '../../verify/trust.ts';
import type { Context } from '../context.ts';
import { choosePolicy } from './chosen-policy.ts';

export interface TrustOptions {
  readonly policy?: string;
  readonly signer?: string;
  readonly integrityOnly?: boolean;
}

/** Trust, and what an answer says of it. */
export interface ChosenTrust {
  readonly trust: Trust;
  /** Of the policy's file. */
  readonly digest?: Digest;
}

export function chooseTrust(context: Context, options: TrustOptions): ChosenTrust {
  const given = [options.policy, options.signer, options.integrityOnly].filter(
    (option) => option !== undefined,
  );
  if (given.length > 1)
    throw new QpoeError('usage', '--policy, --signer and --integrity-only exclude each other', 'give one');
  if (options.integrityOnly === true) return { trust: { kind: 'unasked' } };
  if (options.signer !== undefined)
    return { trust: { kind: 'fingerprint', fingerprint: readFingerprint(options.signer, '--signer') } };
  const chosen = choosePolicy(context, options.policy);
  if (chosen === undefined) return { trust: { kind: 'nobody' } };
  const { digest, ...named } = chosen;
  return { trust: { kind: 'policy', ...named }, digest };
}
