/** A policy in words: whom it trusts, with which keys, and what it demands. */

import { printable } from '../core/printable.ts';
import { formatTime } from '../core/time.ts';
import { parseVkey } from '../tlog/vkey.ts';
import { type Policy, type PolicySigner, skewMs } from './policy.ts';
import { DEMANDS, type Demand, demandsOf, LEVELS, levelOf } from './policy-levels.ts';
import { signerPrints } from './signer-prints.ts';

const INDENT = '  ';
const PAD = 13;

/** @param path where it lies */
export function describePolicy(policy: Policy, path: string): string[] {
  return [
    printable(path, 1000),
    describeLevel(policy),
    '',
    'trusts',
    ...orNone([
      ...(policy.signer ?? []).flatMap(describeSigner),
      ...(policy.keyless ?? []).map(describeKeyless),
    ]),
    '',
    'logs',
    ...orNone((policy.log ?? []).flatMap(describeLog)),
    '',
    'time-stamping authorities',
    ...orNone((policy.timestamp_authority ?? []).map(({ certificate }) => line(certificate))),
    '',
    'chains',
    ...orNone((policy.chain ?? []).flatMap(describeChain)),
    '',
    'demands of everything',
    line('a known signer; nothing that fails'),
    line(`clocks agree within ${skewMs(policy) / 1000} s`),
    ...demandsOf(policy)
      .filter(isOfEverything)
      .map((demand) => describeDemand(demand, policy)),
    '',
    'demands of bundles',
    ...orNone(
      demandsOf(policy)
        .filter((demand) => !isOfEverything(demand))
        .map((demand) => describeDemand(demand, policy)),
    ),
  ];
}

const isOfEverything = (demand: Demand): boolean => demand === 'plausibility';

function describeLevel(policy: Policy): string {
  const level = levelOf(policy);
  return level === undefined
    ? 'demands of its own: no level asks for just this'
    : `level ${level}: ${LEVELS[level].for}`;
}

const orNone = (lines: string[]): string[] => (lines.length === 0 ? [line('none')] : lines);
const line = (text: string): string => `${INDENT}${printable(text, 1000)}`;
const field = (name: string, text: string): string =>
  `${INDENT}${INDENT}${name.padEnd(PAD)}${printable(text, 1000)}`;

function describeSigner(signer: PolicySigner): string[] {
  const window = describeWindow(signer);
  return [
    line(`"${signer.name}", for ${describeSigns(signer)}`),
    ...Object.entries(signerPrints(signer)).map(([name, print]) => field(name, print)),
    ...(window === '' ? [] : [field('trusted', window)]),
  ];
}

function describeSigns({ signs = ['record', 'receipt'] }: Pick<PolicySigner, 'signs'>): string {
  return signs.map((what) => `${what}s`).join(' and ');
}

/** By when the signature must be shown to have existed. */
function describeWindow({ not_before, not_after, revoked_at }: PolicySigner): string {
  return [
    ...(not_before === undefined ? [] : [`from ${formatTime(not_before)}`]),
    ...(not_after === undefined ? [] : [`until ${formatTime(not_after)}`]),
    ...(revoked_at === undefined ? [] : [`revoked ${formatTime(revoked_at)}`]),
  ].join(', ');
}

type Member<K extends keyof Policy> = NonNullable<Policy[K]> extends readonly (infer T)[] ? T : never;

function describeKeyless(entry: Member<'keyless'>): string {
  const { identity, issuer, trusted_root } = entry;
  return line(`${identity}, as ${issuer} vouches under ${trusted_root}, for ${describeSigns(entry)}`);
}

function describeLog({
  vkey,
  trusted_root,
  witnesses = [],
  quorum = witnesses.length,
}: Member<'log'>): string[] {
  if (vkey === undefined) return [line(`those of the trusted root ${trusted_root}`)];
  const seen =
    witnesses.length === 0
      ? 'no witnesses: proves no date'
      : `${quorum} of ${witnesses.length} witnesses must have seen it`;
  return [
    line(`${shortKey(vkey)}, ${seen}`),
    ...witnesses.map((witness) => field('witness', shortKey(witness))),
  ];
}

/** Its name and id: the key itself is in the file. */
function shortKey(vkey: string): string {
  const { name, keyId } = parseVkey(vkey).value!;
  return `${name}+${keyId}`;
}

function describeChain({ name, chain_id, contract, log_id, blocks = [] }: Member<'chain'>): string[] {
  return [
    line(`${name}, chain ${chain_id}, contract ${contract}`),
    field('log', log_id ?? 'any: its anchors show existence only'),
    ...blocks.map(({ number, hash }) => field('block', `${number} ${hash}`)),
    ...(blocks.length === 0 ? [field('block', 'none pinned: every anchor in it is unknown')] : []),
  ];
}

function describeDemand(demand: Demand, { require }: Policy): string {
  const by = require?.bundle?.existed_by;
  const time = demand === 'existed_by' && by !== undefined ? ` (${formatTime(by)})` : '';
  return field(demand, `${DEMANDS[demand]}${time}`);
}
