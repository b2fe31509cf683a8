/**
 * The policy (`trust.toml`, version 1): whom the verifier trusts, and what it demands. Literals only, unknown keys refused.
 * It is read whole, whatever a verification needs of it, so that a policy is valid or not regardless of the evidence.
 */

import { TomlDate } from 'smol-toml';
import * as z from 'zod/mini';
import { fromBase64 } from '../core/bytes.ts';
import { findKeyFault } from '../core/ed25519.ts';
import { QpoeError } from '../core/error.ts';
import { checkShape, listOf } from '../core/shape.ts';
import { isSpki, type KeyAlgorithm } from '../core/spki.ts';
import { readToml } from '../core/toml.ts';
import { witnessId } from '../tlog/cosignature.ts';
import { parseVkey, type VkeyType } from '../tlog/vkey.ts';

const text = z.string().check(z.minLength(1));
const hex32 = z.string().check(z.regex(/^0x[0-9a-fA-F]{64}$/));
/** Milliseconds since 1970. */
const when = z.pipe(
  z.custom<TomlDate>(
    (value) => value instanceof TomlDate && value.isDateTime() && !value.isLocal(),
    'not a date and time with an offset (2026-01-01T00:00:00Z)',
  ),
  z.transform((date) => date.getTime()),
);
const spki = (algorithm: KeyAlgorithm) =>
  z.string().check(
    z.refine((key) => {
      const bytes = fromBase64(key);
      return bytes !== undefined && isSpki(algorithm, bytes);
    }, `not the base64 of the SPKI of a key for ${algorithm}`),
  );

const ed25519 = z.string().check(
  z.refine((key) => {
    const bytes = fromBase64(key);
    return bytes !== undefined && findKeyFault(bytes) === undefined;
  }, 'not the base64 of a usable 32-byte Ed25519 key'),
);
/** @param types the kinds of key that may stand there */
const vkey = (...types: VkeyType[]) =>
  z.string().check(
    z.refine(
      (text) => {
        const { value } = parseVkey(text);
        return value !== undefined && types.includes(value.type);
      },
      `not the verifier key (name+hex+base64) of a ${types[0] === 'ed25519' ? 'log' : 'witness'}`,
    ),
  );
const signs = z.optional(listOf(z.enum(['record', 'receipt'])).check(z.minLength(1)));
const flag = z.optional(z.boolean());
/** A table that takes these keys and no other: a key that no one reads would be a demand that no one makes. */
const table = <T extends z.core.$ZodLooseShape>(shape: T, more = '') =>
  z.strictObject(shape, {
    error: ({ code }) =>
      code === 'unrecognized_keys' ? `it takes ${Object.keys(shape).join(', ')}${more}` : undefined,
  });

export const policySchema = table({
  version: z.literal(1),
  signer: z.optional(
    listOf(
      table(
        {
          name: text,
          ed25519: z.optional(ed25519),
          p256: z.optional(spki('p256')),
          ml_dsa_65: z.optional(spki('ml-dsa-65')),
          signs,
          not_before: z.optional(when),
          not_after: z.optional(when),
          revoked_at: z.optional(when),
        },
        '; there are keys of ed25519, p256 and ml_dsa_65, and of no other algorithm',
      ),
    ),
  ),
  keyless: z.optional(listOf(table({ identity: text, issuer: text, trusted_root: text, signs }))),
  log: z.optional(
    listOf(
      table({
        vkey: z.optional(vkey('ed25519')),
        trusted_root: z.optional(text),
        witnesses: z.optional(listOf(vkey('cosignature-ed25519', 'cosignature-ml-dsa-44'))),
        quorum: z.optional(z.int().check(z.positive())),
      }),
    ),
  ),
  timestamp_authority: z.optional(listOf(table({ certificate: text }))),
  chain: z.optional(
    listOf(
      table({
        name: text,
        chain_id: z.int().check(z.positive()),
        contract: z.string().check(z.regex(/^0x[0-9a-fA-F]{40}$/)),
        log_id: z.optional(hex32),
        blocks: z.optional(listOf(table({ number: z.int().check(z.nonnegative()), hash: hex32 }))),
      }),
    ),
  ),
  require: z.optional(
    table({
      plausibility: flag,
      skew: z.optional(z.string().check(z.regex(/^\d{1,6}[smhd]$/))),
      bundle: z.optional(
        table({
          statements: z.optional(listOf(z.enum(['p256', 'ml-dsa-65']))),
          log: flag,
          witnesses: flag,
          anchor: flag,
          receipt: flag,
          binding: flag,
          artifacts: flag,
          existed_by: z.optional(when),
        }),
      ),
    }),
  ),
});

export type Policy = z.infer<typeof policySchema>;
export type PolicySigner = NonNullable<Policy['signer']>[number];

/**
 * @param source what to call the text in an error: its path
 * @throws QpoeError `usage`: not TOML, an unknown key, a value that isn't what it must be
 */
export function parsePolicy(toml: string, source: string): Policy {
  const { value, fault } = checkShape(policySchema, readToml(toml, source));
  if (fault !== undefined) throw refuse(source, fault);
  const doubt = findDoubt(value);
  if (doubt !== undefined) throw refuse(source, doubt);
  return value;
}

function refuse(source: string, reason: string): QpoeError {
  return new QpoeError(
    'usage',
    `${source}: ${reason}`,
    'correct the policy file; `qpoe schema policy` prints its form',
  );
}

/** What the shape can't say: a signer without a key, and names or keys that would make two answers possible. */
function findDoubt(policy: Policy): string | undefined {
  const seen = new Set<string>();
  for (const signer of policy.signer ?? []) {
    const keys = [signer.ed25519, signer.p256, signer.ml_dsa_65].filter((key) => key !== undefined);
    if (keys.length === 0) return `signer "${signer.name}" has no key`;
    if ((signer.not_before ?? Number.NEGATIVE_INFINITY) > (signer.not_after ?? Number.POSITIVE_INFINITY))
      return `signer "${signer.name}": not_before lies after not_after`;
    for (const entry of [`name ${signer.name}`, ...keys]) {
      if (seen.has(entry)) return `signer "${signer.name}": a name or key that another signer has too`;
      seen.add(entry);
    }
  }
  const logs = new Set<string>();
  for (const log of policy.log ?? []) {
    const name = log.vkey ?? log.trusted_root;
    // Else one of them would decide, and whoever wrote both may have meant the other's witnesses.
    if (name !== undefined && logs.has(name)) return `log ${name} stands there twice`;
    logs.add(name ?? '');
    if (log.trusted_root !== undefined && (log.witnesses ?? log.quorum) !== undefined)
      return 'a log by trusted_root has no witnesses: name its vkey for that';
    if ((log.vkey === undefined) === (log.trusted_root === undefined))
      return 'a log needs a vkey or a trusted_root, not both';
    if ((log.quorum ?? 0) > (log.witnesses ?? []).length)
      return 'a log whose quorum is more than its witnesses';
    const keys = (log.witnesses ?? []).map((text) => witnessId(parseVkey(text).value!));
    // One witness under two names could make up a quorum by itself.
    if (new Set(keys).size < keys.length) return 'a log that names one witness twice';
  }
  return findChainDoubt(policy.chain ?? []);
}

/** One name is one contract on one chain, of which there may be several logs. */
function findChainDoubt(chains: NonNullable<Policy['chain']>): string | undefined {
  const contracts = new Map<string, string>();
  const logs = new Set<string>();
  for (const { name, chain_id, contract, log_id } of chains) {
    const place = `${chain_id} ${contract.toLowerCase()}`;
    if ((contracts.get(name) ?? place) !== place) return `chain "${name}" is two contracts, or two chains`;
    contracts.set(name, place);
    const log = `${name} ${log_id?.toLowerCase()}`;
    if (logs.has(log)) return `chain "${name}" stands there twice with one log_id`;
    logs.add(log);
  }
  return undefined;
}

const UNIT_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The tolerance where times are compared, in milliseconds; five minutes where the policy says nothing. */
export function skewMs(policy: Policy | undefined): number {
  const skew = policy?.require?.skew ?? '5m';
  return Number(skew.slice(0, -1)) * UNIT_MS[skew.slice(-1) as keyof typeof UNIT_MS];
}
