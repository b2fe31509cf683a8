/** Each threat in docs/threat-model.md names its defence, what is left over, and tests that are there. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readFile } from './documents.ts';

const root = join(import.meta.dirname, '..');

interface Threat {
  readonly layer: string;
  readonly kind: string;
  readonly cells: readonly string[];
}

const threats = readFile('docs/threat-model.md')
  .split(/^## /m)
  .flatMap((section) => {
    const layer = section.slice(0, section.indexOf('\n'));
    return [...section.matchAll(/^\| ([A-Z]) \| (.*) \|$/gm)].map(
      ([, kind, rest]): Threat => ({ layer, kind: kind!, cells: rest!.split(' | ') }),
    );
  });

/** The file, and its tests’ names as its source has them. */
function shownBy({ cells }: Threat): readonly (readonly [string, readonly string[]])[] {
  return cells[3]!.split('; ').map((shown) => {
    const [, path, names] = /^`([^`]+)`(?:: (.*))?$/.exec(shown) ?? [shown, shown, ''];
    return [path!, [...(names ?? '').matchAll(/“(.*?)”/g)].map(([, name]) => name!)];
  });
}

/** As a test’s name, or a case’s: whole, and no word of a comment. */
const isIn = (source: string, name: string): boolean =>
  ["'", '"', '`'].some((quote) => source.includes(`${quote}${name}${quote}`)) ||
  source.includes(`function ${name}(`);

it('every layer has threats, of the six kinds', () => {
  expect(new Set(threats.map(({ layer }) => layer)).size).toBe(12);
  expect([...new Set(threats.map(({ kind }) => kind))].sort().join('')).toBe('DEIRST');
  for (const { layer, kind, cells } of threats) {
    expect(cells.length, `${layer}: ${cells[0]}`).toBe(4);
    expect('STRIDE', layer).toContain(kind);
  }
});

it('every test that it names is there', () => {
  for (const threat of threats)
    for (const [path, names] of shownBy(threat)) {
      expect(path, threat.cells[0]).toMatch(/\.(?:test\.ts|t\.sol)$/);
      expect(existsSync(join(root, path)), path).toBe(true);
      for (const name of names) expect(isIn(readFile(path), name), `${path}: ${name}`).toBe(true);
    }
});

it('most threats name the very test', () => {
  const named = threats.filter((threat) => shownBy(threat).some(([, names]) => names.length > 0));
  expect(named.length / threats.length).toBeGreaterThan(0.9);
});
