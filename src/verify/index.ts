/** From a file's bytes and a policy to a verdict. It opens no socket and no file, and knows no clock: the time is handed in. Pure. */

export { type EvidenceBundle, isBundleLike, readBundle, writeBundle } from './bundle.ts';
export type { Check, CheckStatus, Outcome, Verdict } from './check.ts';
export type { CheckId } from './claims.ts';
export { type Explanation, explain } from './explanations.ts';
export { type Policy, type PolicySigner, parsePolicy } from './policy.ts';
export type { Trust } from './trust.ts';
export { NOT_PROVEN } from './verdict.ts';
export { type Means, verifyBytes } from './verify.ts';
