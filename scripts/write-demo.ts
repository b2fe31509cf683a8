/**
 * Makes the committed sample of `qpoe demo --static` anew, in `demo/`: `node scripts/write-demo.ts`, with anvil, git and openssl.
 * Afterwards: `node scripts/write-demo-transcript.mjs`.
 */

import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeContext } from '../src/cli/context.ts';
import { writeKeys } from '../src/cli/demo/demo-hands.ts';
import { makeLiveSample } from '../src/cli/demo/demo-live.ts';
import { contextIn, withDemoPlace } from '../src/cli/demo/demo-place.ts';
import { generateIdentity } from '../src/store/identity.ts';
import { opensslAuthority, serveTimestamps } from '../test/openssl-authority.ts';

const folder = join(import.meta.dirname, '../demo');
const warning =
  'PUBLIC throw-away keys of the DEMO sample. Anyone has them: trust nothing that they sign. No policy but demo/trust.toml does.';

await withDemoPlace(async (place) => {
  const signal = new AbortController().signal;
  const context = contextIn(place, makeContext({ ...place, json: true }, process.env, signal));
  const openssl = opensslAuthority(place.path);
  const to = new Date('2046-01-01T00:00:00Z');
  openssl.certify('DEMO-root', { extensions: 'root', to });
  openssl.certify('DEMO-authority', { extensions: 'tsa', issuer: 'DEMO-root', to });
  const service = await serveTimestamps((query) => openssl.stamp(query, { signer: 'DEMO-authority' }));
  try {
    const { bundle, invented, runtime, signer, log, without } = await makeLiveSample(context, place, {
      timestamp: service.url,
    });
    if (without.length > 0) throw new Error(`the sample must be whole: ${without.join('; ')}`);
    const keys = writeKeys({ signer, log: log.key, attacker: generateIdentity() });
    mkdirSync(folder, { recursive: true });
    const bundles = { demo: bundle, invented, ...runtime };
    for (const name of Object.keys(bundles).map((kind) => `${kind}.qpoe.json`))
      rmSync(join(folder, name), { force: true });
    for (const name of ['trust.toml', 'authority.pem', 'keys.json'])
      rmSync(join(folder, name), { force: true });
    for (const [kind, bytes] of Object.entries(bundles))
      writeFileSync(join(folder, `${kind}.qpoe.json`), bytes);
    writeFileSync(join(folder, 'trust.toml'), policyText(readFileSync(context.home.policy, 'utf8')));
    copyFileSync(openssl.path('DEMO-root'), join(folder, 'authority.pem'));
    writeFileSync(join(folder, 'keys.json'), `${JSON.stringify({ warning, ...keys }, null, 2)}\n`);
  } finally {
    service.close();
  }
});
console.log(`wrote ${folder}`);

function policyText(made: string): string {
  const [, rest] = made.split('version = 1\n');
  return `# DEMO: trusts the public throw-away keys of demo/keys.json, for \`qpoe demo --static\` alone. Never use it for anything else.
version = 1
${rest!.trimEnd()}

[[timestamp_authority]]
certificate = "authority.pem"
`;
}
