/** The verdict's checks as links of a chain: from counts and circuit to the block, each resting on those before it. */

import type { Check, Verdict } from '../src/verify/check.ts';
import type { CheckId } from '../src/verify/claims.ts';
import { whatRemains } from '../src/verify/still-holds.ts';
import type { MerklePath } from './merkle-path.ts';

/** `broken`: nothing wrong with it, and it shows nothing about this record any more. */
export type LinkStatus = 'pass' | 'fail' | 'unsure' | 'broken' | 'absent';

const LINKS = {
  content: [
    'record.counts',
    'record.times',
    'result.digest',
    'circuit.rebuild',
    'circuit.source',
    'artifact.digest',
  ],
  digest: ['record.hash'],
  signature: ['record.signature', 'record.signer'],
  statement: ['statement.signature', 'statement.signer', 'statement.subject', 'bundle.keys'],
  leaf: ['log.entry', 'log.inclusion'],
  checkpoint: ['log.checkpoint', 'log.witnesses', 'log.consistency'],
  time: ['time.stamp', 'time.existed_by', 'order.declared_before_run'],
  anchor: ['anchor.receipt', 'anchor.root', 'anchor.header', 'anchor.block'],
  receipt: ['receipt.hash', 'receipt.signature', 'receipt.signer', 'receipt.subject', 'binding.match'],
} as const satisfies Readonly<Record<string, readonly CheckId[]>>;

export type LinkName = keyof typeof LINKS;

export interface ChainLink {
  readonly name: LinkName;
  readonly status: LinkStatus;
  readonly checks: readonly Check[];
  /** What stands there, where it can be said in one line. */
  readonly value?: string | undefined;
}

export function proofChain(verdict: Verdict, merkle: MerklePath | undefined): readonly ChainLink[] {
  const { fallen } = whatRemains(verdict.checks);
  return (Object.keys(LINKS) as LinkName[]).flatMap((name) => {
    const checks = verdict.checks.filter((check) => belongs(check, name));
    if (checks.length === 0) return [];
    return [{ name, checks, status: statusOf(name, checks, fallen), value: shownIn(name, verdict, merkle) }];
  });
}

/** A receipt's log entry is the receipt's, and no link from this record to the log. */
function belongs({ id, part }: Check, name: LinkName): boolean {
  const isReceipts = part?.startsWith('receipt’s') === true;
  if (isReceipts && id !== 'order.declared_before_run') return name === 'receipt';
  return (LINKS[name] as readonly CheckId[]).includes(id);
}

/** That a receipt's entry shows nothing of this record takes nothing from the receipt. */
function statusOf(name: LinkName, checks: readonly Check[], fallen: readonly Check[]): LinkStatus {
  const has = (...statuses: readonly Check['status'][]): boolean =>
    checks.some(({ status }) => statuses.includes(status));
  if (has('fail')) return 'fail';
  const own = checks.filter(({ id }) => (LINKS[name] as readonly CheckId[]).includes(id));
  if (own.some((check) => fallen.includes(check))) return 'broken';
  if (has('missing', 'unknown', 'skipped')) return 'unsure';
  return has('pass') ? 'pass' : 'absent';
}

function shownIn(name: LinkName, { hash }: Verdict, merkle: MerklePath | undefined): string | undefined {
  if (name === 'digest') return hash;
  if (merkle === undefined) return undefined;
  if (name === 'leaf') return `sha256:${merkle.leaf}`;
  return name === 'checkpoint' ? `sha256:${merkle.root}` : undefined;
}
