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
  /** The chain that `anchor` means where none is named. */
  default_chain: text,
  /** Where chains are asked, by the name that the policy gives them too. */
  chain: z.optional(
    z.record(
      z.string(),
      z.strictObject({
        /** The first is sent to; all are asked before a block is pinned. */
        rpc_url: z.union([z.string(), z.array(z.string()).check(z.minLength(1))]),
        chain_id: z.optional(z.int().check(z.positive())),
        contract: z.optional(z.string().check(z.regex(/^0x[0-9a-fA-F]{40}$/))),
        /** A file: 64 hex digits, or a keystore. */
        key: text,
      }),
    ),
  ),
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
      'its keys: store, policy, key, python, sdk, witness, default_chain, chain',
    );
  const config = { ...value };
  for (const name of PATHS) {
    const path = config[name];
    if (path !== undefined && !isAbsolute(path)) config[name] = join(home.path, path);
  }
  return config;
}
