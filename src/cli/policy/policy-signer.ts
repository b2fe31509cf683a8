/** `qpoe policy add-signer`: someone's keys, into the person's own policy. */

import { QpoeError } from '../../core/error.ts';
import { printable } from '../../core/printable.ts';
import { trustSigner } from '../../store/trust-signer.ts';
import type { PolicySigner } from '../../verify/policy.ts';
import { signerPrints } from '../../verify/signer-prints.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { carriedSigner } from './carried-signer.ts';
import { readWhen } from './when.ts';

export interface AddSignerOptions {
  readonly ed25519?: string;
  readonly p256?: string;
  readonly mlDsa65?: string;
  /** A bundle or record of theirs. */
  readonly from?: string;
  readonly fingerprint?: string;
  readonly signs?: readonly string[];
  readonly notBefore?: string;
  readonly notAfter?: string;
}

type Keys = Pick<PolicySigner, 'ed25519' | 'p256' | 'ml_dsa_65'>;

export function addSigner(context: Context, name: string, options: AddSignerOptions): ExitCode {
  const signer = { name, ...readKeys(context, options), ...readLimits(options) };
  trustSigner(context.home, signer);
  const fingerprints = signerPrints(signer);
  context.say(`added "${name}" to ${context.home.policy}`);
  for (const [key, print] of Object.entries(fingerprints)) context.say(`  ${key.padEnd(10)} ${print}`);
  if (options.from === undefined)
    context.note('compare these with what the signer prints: `qpoe init` says theirs');
  context.answer('policy-add-signer', { policy: context.home.policy, name, fingerprints });
  return EXIT.pass;
}

function readKeys(context: Context, options: AddSignerOptions): Keys {
  const { ed25519, p256, mlDsa65, from, fingerprint } = options;
  const given: Keys = {
    ...(ed25519 === undefined ? {} : { ed25519 }),
    ...(p256 === undefined ? {} : { p256 }),
    ...(mlDsa65 === undefined ? {} : { ml_dsa_65: mlDsa65 }),
  };
  const some = Object.keys(given).length > 0;
  if (some && (from ?? fingerprint) !== undefined)
    throw new QpoeError('usage', 'keys and --from exclude each other', 'give one');
  if (some) return given;
  if (from === undefined)
    throw new QpoeError(
      'usage',
      'which keys?',
      'give --ed25519, --p256 and --ml-dsa-65, or --from FILE with --fingerprint',
    );
  return carriedSigner(context, from, fingerprint);
}

function readLimits({ signs, notBefore, notAfter }: AddSignerOptions): Partial<PolicySigner> {
  const not_before = readWhen(notBefore, '--not-before');
  const not_after = readWhen(notAfter, '--not-after');
  return {
    ...(signs === undefined ? {} : { signs: [...new Set(signs.map(readDuty))] }),
    ...(not_before === undefined ? {} : { not_before }),
    ...(not_after === undefined ? {} : { not_after }),
  };
}

function readDuty(text: string): 'record' | 'receipt' {
  if (text === 'record' || text === 'receipt') return text;
  throw new QpoeError('usage', `--signs ${printable(text, 100)} is none`, 'give record, receipt, or both');
}
