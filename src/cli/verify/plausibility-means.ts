/** What judging plausibility needs, loaded only where someone asks for it. */

import { demandsPlausibility, type PlausibilityMeans } from '../../verify/plausibility-check.ts';
import type { Trust } from '../../verify/trust.ts';
import { objectsOf } from '../show/objects-beside.ts';

/** Whether a person or their policy asks, and the store that their own records are in. */
export interface PlausibilityAsked {
  readonly plausibility: boolean;
  readonly storePath: string;
}

export async function plausibilityMeans(
  { plausibility, storePath }: PlausibilityAsked,
  trust: Trust,
): Promise<PlausibilityMeans> {
  if (!plausibility && !demandsPlausibility(trust)) return {};
  const { judgePlausibility } = await import('../../verify/plausibility.ts');
  return { plausibility: judgePlausibility, readObject: objectsOf(storePath) };
}
