/** Signed statements: in-toto, DSSE and Sigstore bundles, as they are written and read. No signature is judged here. Pure. */

export { pae } from './dsse.ts';
export {
  isSigstoreBundle,
  type KeyedEnvelope,
  keyHint,
  readSigstoreBundle,
  type SigstoreBundle,
  sigstoreBundle,
} from './sigstore-bundle.ts';
export {
  IN_TOTO_PAYLOAD,
  readStatement,
  recordStatement,
  type Statement,
  statementBytes,
} from './statement.ts';
