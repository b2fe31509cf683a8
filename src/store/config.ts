/** `config.toml`: the person's own defaults. A flag beats `QPOE_*`, which beats this file, which beats the default. */

import { isAbsolute, join } from 'node:path';
import * as z from 'zod/mini';
import { QpoeError } from '../core/error.ts';
import { checkShape } from '../core/shape.ts';
import { readToml } from '../core/toml.ts';
import { type Home, readHomeFile } from './home.ts';

const text = z.optional(z.string().check(z.minLength(1)));

export const configSchema = z.strictObject({
  store: text,
  policy: text,
  key: text,
  python: text,
  sdk: text,
  /** Where each witness is asked, by the name in its vkey. */
  witness: z.optional(z.record(z.string(), z.string().check(z.minLength(1)))),
});
export type Config = z.infer<typeof configSchema>;

const PATHS = ['store', 'policy', 'key', 'python'] as const;

/** The settings, with relative paths resolved against the home. */
export function readConfig(home: Home): Config {
  const toml = readHomeFile(home, home.config);
  if (toml === undefined) return {};
  const { value, fault } = checkShape(configSchema, readToml(toml, home.config));
  if (fault !== undefined)
    throw new QpoeError(
      'usage',
      `${home.config}: ${fault}`,
      'its keys: store, policy, key, python, sdk, witness',
    );
  const config = { ...value };
  for (const name of PATHS) {
    const path = config[name];
    if (path !== undefined && !isAbsolute(path)) config[name] = join(home.path, path);
  }
  return config;
}
