/** Whom a verification trusts: what the person named, else the person's own policy. Nothing in or beside the evidence is looked at. */

import type { Digest } from '../core/digest.ts';
import { QpoeError } from '../core/error.ts';
import { readNamedPolicy, readOwnPolicyFile } from '../store/home.ts';
import type { Trust } from '../verify/trust.ts';
import type { Context } from './context.ts';

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

export function chooseTrust({ home, environment, config }: Context, options: TrustOptions): ChosenTrust {
  const given = [options.policy, options.signer, options.integrityOnly].filter(
    (option) => option !== undefined,
  );
  if (given.length > 1)
    throw new QpoeError('usage', '--policy, --signer and --integrity-only exclude each other', 'give one');
  if (options.integrityOnly === true) return { trust: { kind: 'unasked' } };
  if (options.signer !== undefined)
    return { trust: { kind: 'fingerprint', fingerprint: readFingerprint(options.signer) } };
  const named = options.policy ?? (environment.QPOE_POLICY || config.policy);
  const path = named ?? home.policy;
  const file = named === undefined ? readOwnPolicyFile(home) : readNamedPolicy(named);
  if (file === undefined) return { trust: { kind: 'nobody' } };
  return { trust: { kind: 'policy', policy: file.policy, path }, digest: file.digest };
}

/** As printed anywhere: with or without `sha256:`, in either case, with colons or spaces between the digits. */
function readFingerprint(text: string): string {
  const hex = text
    .toLowerCase()
    .replace(/^sha256:/, '')
    .replace(/[:\s]/g, '');
  if (!/^[0-9a-f]{64}$/.test(hex))
    throw new QpoeError('usage', `--signer ${text} is not a fingerprint`, 'give 64 hex digits');
  return `sha256:${hex}`;
}
