/** Adds a signer to the person's own policy. */

import { QpoeError } from '../core/error.ts';
import type { Policy, PolicySigner } from '../verify/policy.ts';
import { formatSigner } from '../verify/policy-text.ts';
import { appendTable, editPolicy } from './edit-policy.ts';
import type { Home } from './home.ts';
import { refuseSignerName } from './identity.ts';

/** @throws QpoeError `usage` for a name or key that stands there already */
export function trustSigner(home: Home, signer: PolicySigner): void {
  refuseSignerName(signer.name);
  const table = formatSigner(signer);
  editPolicy(
    home,
    (toml, policy) => {
      refuseKnown(policy, signer, home.policy);
      return {
        toml: appendTable(toml, table),
        policy: { ...policy, signer: [...(policy.signer ?? []), signer] },
      };
    },
    'write each of its signers as [[signer]], or correct what you add',
  );
}

function refuseKnown({ signer: signers = [] }: Policy, signer: PolicySigner, path: string): void {
  const known = signers.find(
    (one) =>
      one.name === signer.name ||
      (['ed25519', 'p256', 'ml_dsa_65'] as const).some(
        (key) => signer[key] !== undefined && signer[key] === one[key],
      ),
  );
  if (known === undefined) return;
  throw new QpoeError(
    'usage',
    known.name === signer.name
      ? `"${known.name}" is in ${path} already`
      : `a key of "${signer.name}" is "${known.name}"'s in ${path} already`,
    'a lab’s next keys get a name of their own (lab-2027); to change a signer, edit its [[signer]] there',
  );
}
