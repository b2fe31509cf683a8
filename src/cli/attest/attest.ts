/** What both `qpoe attest` commands share: who signs the payload. */

import { IN_TOTO_PAYLOAD } from '../../attest/statement.ts';
import { type Bytes, utf8 } from '../../core/bytes.ts';
import { sha256 } from '../../core/digest.ts';
import { QpoeError } from '../../core/error.ts';
import type { JsonObject } from '../../core/json.ts';
import { printable } from '../../core/printable.ts';
import { type SignedEnvelope, signStatement } from '../../store/sign-statement.ts';
import { PUBLIC_GOOD } from '../../verify/keyless.ts';
import { type Context, readPassphrase } from '../context.ts';
import { openIdentity } from '../record/signing.ts';

export interface AttestOptions {
  /** By a Sigstore certificate, for the identity in a token. */
  readonly keyless?: boolean;
  /** Where the token is, if it isn't the CI's own. */
  readonly identityToken?: string;
  readonly fulcioUrl?: string;
  readonly rekorUrl?: string;
  readonly tsaUrl?: string;
  /** What the services' answer is verified against. */
  readonly trustedRoot?: string;
  readonly out?: string;
}

export async function signPayload(
  context: Context,
  payload: Bytes,
  options: AttestOptions,
): Promise<readonly SignedEnvelope[]> {
  if (options.keyless === true) return [await signByCertificate(context, payload, options)];
  if (SERVICE_OPTIONS.some((name) => options[name] !== undefined))
    throw new QpoeError(
      'usage',
      'a token and Sigstore services are for --keyless',
      'add it, or leave them out',
    );
  return signStatement(openIdentity(context, readPassphrase(context.environment)), payload);
}

const SERVICE_OPTIONS = ['identityToken', 'fulcioUrl', 'rekorUrl', 'tsaUrl', 'trustedRoot'] as const;

/** Sigstore's answer is verified before it is kept: what a service returns is evidence like any other. */
async function signByCertificate(
  context: Context,
  payload: Bytes,
  { identityToken, fulcioUrl, rekorUrl, tsaUrl, trustedRoot }: AttestOptions,
): Promise<SignedEnvelope> {
  const [
    { ciIdentityToken, PUBLIC_SERVICES, readIdentityToken, signKeyless },
    { verifyKeyless },
    { loadTrustedRoot },
  ] = await Promise.all([
    import('../../online/keyless-sign.ts'),
    import('../../online/keyless.ts'),
    import('../../online/trusted-root.ts'),
  ]);
  const services = {
    fulcioUrl: fulcioUrl ?? PUBLIC_SERVICES.fulcioUrl,
    rekorUrl: rekorUrl ?? PUBLIC_SERVICES.rekorUrl,
    ...(tsaUrl === undefined ? {} : { tsaUrl }),
    identityToken:
      identityToken === undefined ? ciIdentityToken : async () => readIdentityToken(identityToken),
    signal: context.signal,
  };
  const root = loadTrustedRoot(trustedRoot ?? PUBLIC_GOOD, '.');
  context.note(`signing by a certificate of ${services.fulcioUrl}, logged at ${services.rekorUrl}`);
  const bundle = (await signKeyless({ payload, payloadType: IN_TOTO_PAYLOAD }, services)) as JsonObject;
  const result = verifyKeyless(bundle, { kind: 'dsse' }, root);
  if (result.status !== 'pass')
    throw new QpoeError(
      'external',
      `what Sigstore answered does not verify: ${result.evidence}`,
      'nothing was kept; where the services are your own, name their root with --trusted-root FILE',
    );
  context.note(`signed as ${printable(result.identity)}, as ${printable(result.issuer)} vouched`);
  return { algorithm: 'keyless', signedBy: sha256(utf8(JSON.stringify(bundle))), bundle };
}
