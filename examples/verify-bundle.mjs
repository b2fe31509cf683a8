// node verify-bundle.mjs BUNDLE POLICY: is it what someone in the policy signed? Exit code 0 only for a pass.
import { readFileSync } from 'node:fs';
import { parsePolicy, verifyBytes } from 'quantum-proof-of-execution/verify';

const [bundle, path] = process.argv.slice(2);
const policy = parsePolicy(readFileSync(path, 'utf8'), path);
const { verdict, headline, not_proven } = await verifyBytes(
  readFileSync(bundle),
  { kind: 'policy', policy, path },
  Date.now(),
);
console.log(`${headline}\nnot proven: ${not_proven.join('; ')}`);
process.exitCode = verdict === 'pass' ? 0 : 1;
