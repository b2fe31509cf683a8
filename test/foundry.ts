/** Foundry's programs, from their npm packages: installed without a script run, so asked for by their real path. */

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Undefined where the package for this platform isn't installed. */
export function findFoundry(tool: 'anvil' | 'forge'): string | undefined {
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  const here = createRequire(import.meta.url);
  try {
    const wrapper = here.resolve(`@foundry-rs/${tool}/package.json`);
    const manifest = createRequire(wrapper).resolve(
      `@foundry-rs/${tool}-${process.platform}-${architecture}/package.json`,
    );
    const path = join(dirname(manifest), 'bin', process.platform === 'win32' ? `${tool}.exe` : tool);
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}
