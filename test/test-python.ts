/** A Python with a real SDK, for the tests that need one. */

import { QpoeError } from '../src/core/error.ts';
import { cacheFolder } from '../src/sdk/cache.ts';
import { installSdk } from '../src/sdk/install.ts';
import type { PythonSdkName } from '../src/sdk/python-sdk-names.ts';
import { findSdk } from '../src/sdk/registry.ts';

export const cacheDir = cacheFolder(process.env);

/** `QPOE_TEST_PYTHON` if it has the SDK, else an environment of the project's own; or why there is none. */
export async function findTestPython(name: PythonSdkName): Promise<{ python: string } | { reason: string }> {
  const python = process.env.QPOE_TEST_PYTHON;
  if (python && (await findSdk(name, { python, cacheDir }).status()).usable) return { python };
  try {
    const { signal } = new AbortController();
    return await installSdk(name, { cacheDir, signal, onProgress: () => {} });
  } catch (error) {
    if (!(error instanceof QpoeError)) throw error;
    return { reason: error.message };
  }
}
