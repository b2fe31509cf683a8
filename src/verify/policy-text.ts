/** A policy as a person first meets it: commented TOML. What is added later is added to the text, and the comments stay. */

import { formatTime } from '../core/time.ts';
import type { PolicySigner } from './policy.ts';
import {
  type BundleDemands,
  bundleDemands,
  DEMANDS,
  type Demand,
  LEVELS,
  type Level,
} from './policy-levels.ts';

export interface FirstPolicy {
  readonly signer: PolicySigner;
  readonly level: Level;
  /** Milliseconds since 1970. */
  readonly existedBy?: number | undefined;
}

/** @param signer whose name is printable */
export function formatFirstPolicy({ signer, level, existedBy }: FirstPolicy): string {
  const asked = { ...bundleDemands(level), ...(existedBy === undefined ? {} : { existed_by: existedBy }) };
  return `# Whom qpoe trusts when you verify, and what it demands. Everyone else is "signer unknown to you".
# Begun at the level "${level}": ${LEVELS[level].for}.
# \`qpoe policy check\` says what would make it useless, \`qpoe policy show\` says it in words.
version = 1

# Whose records and receipts count. To add one: qpoe policy add-signer
${formatSigner(signer)}
# Logs, their witnesses and chains: qpoe policy add-log, add-chain, pin-block.
${level === 'own' && existedBy === undefined ? '' : `\n${formatDemands(asked)}`}`;
}

const KEYS = ['ed25519', 'p256', 'ml_dsa_65'] as const;
const TIMES = ['not_before', 'not_after', 'revoked_at'] as const;

/** A `[[signer]]` table. */
export function formatSigner(signer: PolicySigner): string {
  const keys = KEYS.flatMap((key) => (signer[key] === undefined ? [] : `${key} = "${signer[key]}"\n`));
  const signs =
    signer.signs === undefined ? '' : `signs = [${signer.signs.map((what) => `"${what}"`).join(', ')}]\n`;
  const times = TIMES.flatMap((time) => {
    const ms = signer[time];
    return ms === undefined ? [] : `${time} = ${formatTime(ms)}\n`;
  });
  return `[[signer]]\nname = ${JSON.stringify(signer.name)}\n${keys.join('')}${signs}${times.join('')}`;
}

/** Where a demand needs something that the person has to add. */
const NEEDS: Partial<Record<Demand, string>> = {
  log: 'Needs a [[log]]: a run adds your own.',
  witnesses: 'Needs witnesses of that log: qpoe policy add-log VKEY --witness VKEY',
  anchor: 'Needs a [[chain]] with pinned blocks: qpoe policy add-chain, pin-block',
  binding: 'Only records of a provider’s jobs have one: leave it out for runs of your own.',
};

function formatDemands({ statements, existed_by, ...flags }: BundleDemands): string {
  const lines = [
    '# What every bundle must hold beside a known signer. A bare record is not asked for it.',
    '[require.bundle]',
    ...(statements ?? []).map((algorithm) => `# ${algorithm}: ${DEMANDS[algorithm]}.`),
    ...(statements === undefined ? [] : [`statements = [${statements.map((one) => `"${one}"`).join(', ')}]`]),
    ...Object.keys(flags).flatMap((flag) => formatFlag(flag as Demand)),
    ...(existed_by === undefined
      ? []
      : [`# ${DEMANDS.existed_by}.`, `existed_by = ${formatTime(existed_by)}`]),
  ];
  return `${lines.join('\n')}\n`;
}

function formatFlag(flag: Demand): string[] {
  const needs = NEEDS[flag];
  return [`# ${DEMANDS[flag]}.${needs === undefined ? '' : ` ${needs}`}`, `${flag} = true`];
}
