/** The layers of evidence: the first part of a check's id says to which one it belongs. */

import type { Check } from './check.ts';
import { type CheckId, CLAIMS } from './claims.ts';

const TITLES = {
  archive: 'Archive',
  bundle: 'Bundle',
  record: 'Record',
  circuit: 'Circuit',
  plausibility: 'Plausibility',
  artifact: 'Artifacts',
  statement: 'Statements',
  log: 'Log',
  time: 'Time',
  anchor: 'Anchors',
  receipt: 'Receipts',
  binding: 'Binding',
  order: 'Order',
} as const;

export type LayerName = keyof typeof TITLES;

export interface Layer {
  readonly name: LayerName;
  readonly title: string;
  readonly checks: readonly Check[];
}

/** The original's result digest is about the record. */
export function layerOf(id: CheckId): LayerName {
  const [name = ''] = id.split('.', 1);
  return name === 'result' ? 'record' : (name as LayerName);
}

const ORDER = [...new Set((Object.keys(CLAIMS) as CheckId[]).map(layerOf))];

/** Checks by layer, in the order in which one builds on another; within a layer as they were made. */
export function byLayer(checks: readonly Check[]): readonly Layer[] {
  const grouped = Map.groupBy(checks, ({ id }) => layerOf(id));
  return ORDER.flatMap((name) => {
    const own = grouped.get(name);
    return own === undefined ? [] : [{ name, title: TITLES[name], checks: own }];
  });
}

/** Without the layers of which nothing is there and nobody wants anything. */
export function presentLayers(checks: readonly Check[]): readonly Layer[] {
  return byLayer(checks).filter((layer) => layer.checks.some(({ status }) => status !== 'absent'));
}
