/** The committed sample (`demo/` of the package): made once as the live one is, with public throw-away keys. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type JsonObject, parseJsonBytes } from '../../core/json.ts';
import { packageRoot } from '../../store/package-root.ts';
import { readKeys } from './demo-hands.ts';
import type { DemoPlace } from './demo-place.ts';

/** What is read of it. */
const SAMPLE_FILES = {
  bundle: 'demo.qpoe.json',
  invented: 'invented.qpoe.json',
  bound: 'bound.qpoe.json',
  retagged: 'retagged.qpoe.json',
  keys: 'keys.json',
  policy: 'trust.toml',
  authority: 'authority.pem',
} as const;

/** Its policy, and what the policy names, become those of the demo's own home. */
export function readStaticSample({ home }: DemoPlace) {
  const read = (name: keyof typeof SAMPLE_FILES) =>
    readFileSync(join(packageRoot(), 'demo', SAMPLE_FILES[name]));
  mkdirSync(home, { mode: 0o700 });
  for (const name of ['policy', 'authority'] as const)
    writeFileSync(join(home, SAMPLE_FILES[name]), read(name), { mode: 0o600 });
  return {
    bundle: read('bundle'),
    invented: read('invented'),
    bound: read('bound'),
    retagged: read('retagged'),
    ...readKeys(parseJsonBytes(read('keys')) as JsonObject),
  };
}
