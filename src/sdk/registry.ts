/** The SDKs by name. */

import { QpoeError } from '../core/error.ts';
import { printable } from '../core/printable.ts';
import { pythonSdk } from './python-sdk.ts';
import { isPythonSdkName } from './python-sdk-names.ts';
import { qdkSdk } from './qdk.ts';
import type { Sdk } from './sdk.ts';
import { SDK_NAMES } from './sdk-names.ts';
import { simulatorSdk } from './simulator.ts';

export interface SdkOptions {
  /** The Python the person named, for the SDKs that run in one. */
  readonly python?: string | undefined;
  readonly cacheDir: string;
  readonly env?: NodeJS.ProcessEnv | undefined;
}

/** @throws QpoeError `usage` */
export function findSdk(name: string, { python, cacheDir, env = process.env }: SdkOptions): Sdk {
  if (name === simulatorSdk.name) return simulatorSdk;
  if (name === 'qdk') return qdkSdk(cacheDir);
  if (isPythonSdkName(name)) return pythonSdk(name, { python, cacheDir, env });
  throw new QpoeError(
    'usage',
    `no SDK named "${printable(name, 60)}"`,
    `choose one of: ${SDK_NAMES.join(', ')}`,
  );
}
