// Verifies a bundle where it is, in the page: nothing is uploaded, nothing is fetched.
import { parsePolicy, verifyBytes } from 'quantum-proof-of-execution/verify';

export async function verify(bundle, policyText) {
  const policy = parsePolicy(policyText, 'policy');
  return verifyBytes(bundle, { kind: 'policy', policy, path: 'policy' }, Date.now());
}

globalThis.document?.querySelector('form').addEventListener('submit', async (event) => {
  event.preventDefault();
  const { bundle, policy } = event.target.elements;
  const bytes = new Uint8Array(await bundle.files[0].arrayBuffer());
  const { headline, checks } = await verify(bytes, await policy.files[0].text());
  // As text: what evidence says may be written to look like markup.
  document.querySelector('pre').textContent = [
    headline,
    ...checks.map(({ id, status, evidence }) => `${status} ${id} ${evidence}`),
  ].join('\n');
});
