import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { Bytes } from '../core/bytes.ts';
import { addOpenings, openWithheld, withhold } from './openings.ts';
import { openOrCreateStore } from './store.ts';

it('withholds a value behind a salt, for its owner alone, and opens it again', () => {
  const folder = mkdtempSync(join(tmpdir(), 'qpoe-openings-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const store = openOrCreateStore(join(folder, 'store'));
  const openings: Bytes[] = [];
  const first = withhold(openings, 'IBMid-1');
  const second = withhold(openings, 'IBMid-1');
  addOpenings(store, openings);
  expect(first.withheld).not.toBe(second.withheld);
  expect(openWithheld(store, first)).toBe('IBMid-1');
  const files = readdirSync(join(store.path, 'openings'));
  expect(files).toHaveLength(2);
  for (const file of files) expect(statSync(join(store.path, 'openings', file)).mode & 0o777).toBe(0o600);
  const path = join(store.path, 'openings', `${first.withheld.slice(7)}.json`);
  writeFileSync(path, '{"salt":"","value":"IBMid-2"}');
  expect(openWithheld(store, first)).toBeUndefined();
  expect(openWithheld(store, { withheld: 'sha256:../../x' })).toBeUndefined();
});
