/** What the lint of a policy can't see in its text: whether the files that it names are there, and are what they must be. */

import { QpoeError } from '../core/error.ts';
import type { Policy } from '../verify/policy.ts';
import type { PolicyFacts } from '../verify/policy-finding.ts';
import { signsTimes } from '../verify/rekor-checks.ts';
import { loadTimestampAuthority } from './timestamp-chain.ts';
import { loadTrustedRoot, readTrustedRoot, rekorLogsOf } from './trusted-root.ts';

/**
 * @param folder the policy's, against which its paths resolve
 * @param now milliseconds since 1970
 */
export function gatherPolicyFacts(policy: Policy, folder: string, now: number): PolicyFacts {
  const faults = new Map<string, string>();
  const clocks = new Set<string>();
  for (const { certificate } of policy.timestamp_authority ?? [])
    noting(faults, certificate, () => loadTimestampAuthority(certificate, folder));
  for (const { trusted_root: root } of policy.keyless ?? [])
    noting(faults, root, () => readTrustedRoot(loadTrustedRoot(root, folder)));
  for (const { trusted_root: root } of policy.log ?? []) {
    if (root === undefined) continue;
    // A root may name only logs, where nothing but a [[log]] needs it.
    noting(faults, root, () => {
      if (rekorLogsOf(loadTrustedRoot(root, folder)).some(signsTimes)) clocks.add(root);
    });
  }
  return { now, faults, clocks };
}

/** The first fault of a file is the one to be told. */
function noting(faults: Map<string, string>, name: string, load: () => void): void {
  try {
    load();
  } catch (error) {
    if (!(error instanceof QpoeError)) throw error;
    if (!faults.has(name)) faults.set(name, error.message);
  }
}
