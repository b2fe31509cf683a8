/** Adds a chain, and blocks of it, to the person's own policy. */

import type { Policy } from '../verify/policy.ts';
import { appendTable, editPolicy, type PolicyEdit } from './edit-policy.ts';
import type { Home } from './home.ts';

export type ChainTrust = NonNullable<Policy['chain']>[number];
export type PinnedBlock = NonNullable<ChainTrust['blocks']>[number];

/** @returns whether it was added: not where it stands there already. @throws QpoeError */
export function trustChain(home: Home, chain: ChainTrust): boolean {
  return editPolicy(
    home,
    (toml, policy) => (indexOf(policy, chain) < 0 ? withChain(toml, policy, chain) : undefined),
    `add it yourself:\n${formatChain(chain)}`,
  );
}

/** @param chain one of the policy's. @returns whether it was added: not where it stands there already. @throws QpoeError */
export function pinBlock(home: Home, chain: ChainTrust, block: PinnedBlock): boolean {
  return editPolicy(
    home,
    (toml, policy) => withBlock(toml, policy, indexOf(policy, chain), block),
    `add to its [[chain]] yourself: blocks = [ ${formatBlock(block)} ]`,
  );
}

function indexOf(policy: Policy, { name, log_id }: ChainTrust): number {
  return (policy.chain ?? []).findIndex((one) => one.name === name && sameHex(one.log_id, log_id));
}

function sameHex(a: string | undefined, b: string | undefined): boolean {
  return a?.toLowerCase() === b?.toLowerCase();
}

function withChain(toml: string, policy: Policy, chain: ChainTrust): PolicyEdit {
  return {
    toml: appendTable(toml, formatChain(chain)),
    policy: { ...policy, chain: [...(policy.chain ?? []), chain] },
  };
}

function formatChain({ name, chain_id, contract, log_id }: ChainTrust): string {
  const log = log_id === undefined ? '' : `log_id = "${log_id}"\n`;
  return `[[chain]]\nname = ${JSON.stringify(name)}\nchain_id = ${chain_id}\ncontract = "${contract}"\n${log}`;
}

function formatBlock({ number, hash }: PinnedBlock): string {
  return `{ number = ${number}, hash = "${hash}" }`;
}

function withBlock(toml: string, policy: Policy, index: number, block: PinnedBlock): PolicyEdit | undefined {
  const chain = policy.chain?.[index];
  if (chain === undefined || chain.blocks?.some(({ hash }) => sameHex(hash, block.hash))) return undefined;
  const chains = policy.chain!.with(index, { ...chain, blocks: [...(chain.blocks ?? []), block] });
  return { toml: insertBlock(toml, index, block), policy: { ...policy, chain: chains } };
}

/** The text from one `[[chain]]` to the next table. */
const SECTION = /^\[\[chain\]\][^\n]*\n(?:(?!\s*\[)[^\n]*\n)*/gm;

function insertBlock(toml: string, index: number, block: PinnedBlock): string {
  const section = [...toml.matchAll(SECTION)][index];
  if (section === undefined) return toml;
  const [text] = section;
  const grown = /^blocks\s*=\s*\[/m.test(text)
    ? text.replace(/^(blocks\s*=\s*\[[^\]]*?),?\s*\]/m, (_, before) =>
        before.trimEnd().endsWith('[')
          ? `${before.trimEnd()}\n  ${formatBlock(block)},\n]`
          : `${before.trimEnd()},\n  ${formatBlock(block)},\n]`,
      )
    : `${text.replace(/\n*$/, '\n')}blocks = [\n  ${formatBlock(block)},\n]\n${/\n*$/.exec(text)![0].slice(1)}`;
  return toml.slice(0, section.index) + grown + toml.slice(section.index + text.length);
}
