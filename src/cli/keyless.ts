/** Sigstore's verifier for certificates, loaded only where evidence has one. */

import { dirname } from 'node:path';
import type { JudgeKeyless } from '../verify/keyless.ts';
import type { Trust } from '../verify/trust.ts';

/** A policy's paths are its folder's, not the working directory's. */
export function keylessJudge(trust: Trust): JudgeKeyless {
  const folder = trust.kind === 'policy' ? dirname(trust.path) : '.';
  const roots = new Map<string, string>();
  return async (bundle, content, root) => {
    const [{ verifyKeyless }, { loadTrustedRoot }] = await Promise.all([
      import('../online/keyless.ts'),
      import('../online/trusted-root.ts'),
    ]);
    if (!roots.has(root)) roots.set(root, loadTrustedRoot(root, folder));
    return verifyKeyless(
      bundle,
      content === undefined ? { kind: 'dsse' } : { kind: 'blob', bytes: content },
      roots.get(root)!,
    );
  };
}
