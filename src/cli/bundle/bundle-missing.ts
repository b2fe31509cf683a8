/** What a bundle lacks: of what its record names or the store began, and of what the person's own policy demands. */

import { isSigstoreBundle, readSigstoreBundle } from '../../attest/sigstore-bundle.ts';
import type { JsonObject } from '../../core/json.ts';
import { printable } from '../../core/printable.ts';
import type { Check } from '../../verify/check.ts';
import type { CollectedBundle } from './collect-bundle.ts';

export interface Missing {
  /** As in the bundle: `artifacts`, `statements`, … */
  readonly part: string;
  /** What, and what next. */
  readonly what: string;
}

/** @param checks by the own policy; none where there is no policy */
export function missingParts(collected: CollectedBundle, checks: readonly Check[]): readonly Missing[] {
  const { left, missing, statements, keys, pending } = collected;
  const algorithms = statements.map(algorithmOf);
  const found: (Missing | false)[] = [
    left.length > 0 && {
      part: 'artifacts',
      what: `by digest alone (over a limit, damaged, or not in the store): ${left.join(', ')}`,
    },
    missing !== undefined && { part: 'receipts', what: printable(missing) },
    statements.length === 0 && {
      part: 'statements',
      what: 'no statements: `qpoe attest statement` makes them',
    },
    algorithms.includes('p256, not logged') && {
      part: 'log',
      what: 'a P-256 statement without a log entry: `qpoe log append` enters it',
    },
    statements.some((statement) => algorithmOf(statement) !== undefined) &&
      keys < 3 && {
        part: 'keys',
        what: 'not all the signer’s public keys, which this home doesn’t have: --signer may not know the identity',
      },
    pending > 0 && {
      part: 'anchors',
      what: `${pending} anchors are not final yet: \`qpoe anchor status\`, then \`qpoe bundle upgrade\``,
    },
  ];
  const demanded = checks
    .filter(({ status }) => status === 'missing')
    .map(({ id, evidence }) => ({ part: id, what: `your policy demands it: ${printable(evidence)}` }));
  return [...found.filter((one) => typeof one === 'object'), ...demanded];
}

function algorithmOf(statement: JsonObject): string | undefined {
  const { value } = isSigstoreBundle(statement) ? readSigstoreBundle(statement) : {};
  if (value?.kind !== 'keyed') return undefined;
  // DER of ECDSA is never as long as an ML-DSA signature.
  const isP256 = value.envelope.signature.length <= 72;
  return isP256 ? (value.tlogEntries.length === 0 ? 'p256, not logged' : 'p256') : 'ml-dsa-65';
}
