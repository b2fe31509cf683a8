/** A store whose log is anchored at the command line, and what the journal says of it. */

import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { newPlace, type Place } from './cli.ts';

/** Anvil's first account, which everyone knows. */
export const KEY = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80';

/** A store with a record in its log. */
export function lab(extra: NodeJS.ProcessEnv = {}): Place {
  const place = newPlace(extra);
  expect(place.qpoe('run', '--n-qubits', '2', '--depth', '2').code).toBe(0);
  return place;
}

export function requireAnchor(place: Place): void {
  appendFileSync(join(place.home, 'trust.toml'), '\n[require.bundle]\nanchor = true\n');
}

interface Entry {
  readonly state: string;
  readonly chain: { readonly contract: string };
  readonly sent?: { readonly nonce: number; readonly transactions: readonly object[] };
}

export function journal(place: Place): readonly Entry[] {
  const folder = place.path('.qpoe', 'anchors');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')));
}

export const states = (place: Place) => journal(place).map(({ state }) => state);
