/** What records withhold, for whoever may be shown it: `openings/<hex>.json`, named by the digest that stands in the record. */

import { join } from 'node:path';
import type { Bytes } from '../core/bytes.ts';
import { digestOf } from '../core/digest.ts';
import { enterFolder, lookAt, writeAtomic } from './files.ts';
import type { Store } from './store.ts';

export function addOpenings(store: Store, openings: readonly Bytes[]): void {
  if (openings.length === 0) return;
  const folder = join(store.path, 'openings');
  enterFolder(folder);
  for (const opening of openings) {
    const path = join(folder, `${digestOf(opening).slice('sha256:'.length)}.json`);
    // The owner's alone: it is there because it is nobody else's business.
    if (lookAt(path) === undefined) writeAtomic(path, opening, 0o600);
  }
}
