/** On disk, in Node: the person's keys and policy (the home), and the folder of records (the store). */

export { defaultHome, type Home, homeAt, type PolicyFile, readNamedPolicy, readOwnPolicy } from './home.ts';
export { createIdentity, hasIdentity, type Identity, readIdentity, recordSigner } from './identity.ts';
export type { RecordRow } from './record-index.ts';
export { type SignedEnvelope, signStatement } from './sign-statement.ts';
export {
  addRecord,
  findRecord,
  hasStore,
  listRecords,
  openOrCreateStore,
  openStore,
  readObject,
  recordPath,
  type Store,
} from './store.ts';
export { uuidV7 } from './uuid.ts';
