/**
 * Test data that no one here wrote (Wycheproof's, AIIR's, transparency-dev's, a block of Ethereum …): in `../shared/vectors`, outside the
 * repository, or in the folder that `QPOE_VECTORS` names. CONTRIBUTING.md lists what each folder holds, and which suites are skipped without it.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'vitest';

const root = process.env.QPOE_VECTORS ?? join(import.meta.dirname, '../../shared/vectors');

export function readVector(path: string): Buffer {
  return readFileSync(join(root, path));
}

/** The files below a folder; none where it isn't there, so that the suite can say so. */
export function listVectors(folder: string, extension: string): readonly string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(extension))
    .sort()
    .map((name) => join(folder, name));
}

/** A suite over vectors; where the folder isn't there it is skipped, by name and with the reason. */
export function describeVectors(name: string, path: string, suite: () => void): void {
  if (existsSync(join(root, path))) describe(name, suite);
  // The suite itself isn't entered: it may read the vectors as it is made.
  else
    describe.skip(name, () => it(`no vectors: set QPOE_VECTORS to a folder with ${path}`, () => undefined));
}
