/** The SDKs by name, for whoever has to say them; `registry.ts` has the SDKs themselves. */

import { PYTHON_SDKS } from './python-sdk-names.ts';

/** Those that `qpoe sdk install` takes. */
export const INSTALLABLE_SDKS: readonly string[] = [...Object.keys(PYTHON_SDKS), 'qdk'];

export const SDK_NAMES: readonly string[] = ['simulator', ...INSTALLABLE_SDKS];
