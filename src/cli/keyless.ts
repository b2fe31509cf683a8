/** Sigstore's verifier for certificates, loaded only where evidence has one. */

import { dirname } from 'node:path';
import type { JudgeKeyless } from '../verify/keyless.ts';
import type { Trust } from '../verify/trust.ts';

/** A policy's paths are its folder's, not the working directory's. */
export function keylessJudge(trust: Trust): JudgeKeyless {
  const folder = trust.kind === 'policy' ? dirname(trust.path) : '.';
  return async (bundle, content, root) => {
    const [{ verifyKeyless }, { loadTrustedRoot }] = await Promise.all([
      import('../online/keyless.ts'),
      import('../online/trusted-root.ts'),
    ]);
    return verifyKeyless(
      bundle,
      content === undefined ? { kind: 'dsse' } : { kind: 'blob', bytes: content },
      loadTrustedRoot(root, folder),
    );
  };
}
