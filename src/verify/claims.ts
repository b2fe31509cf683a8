/**
 * Every check by its id, and what is true where it passes. A check that isn't here can't be made: the type says so, and
 * `explanations.ts` has to explain it.
 */

/** In the order of their layers. */
export const CLAIMS = {
  'archive.format': 'The file is an archive of evidence, and nothing else.',
  'archive.keys': 'Every key that the manifest names signed it, and no other.',
  'archive.files': 'Every file is the one that the manifest names, and no other is here.',
  'archive.figure': 'Every record of it is here and verifies.',
  'archive.external': 'What is handed over beside the archive is what the manifest names.',
  'archive.reproduction': 'Someone you trust ran its records again, and found what they say.',
  'bundle.format': 'The file is an evidence bundle, and nothing else.',
  'bundle.keys': 'No key stands beside the one that signed, as if it were the signer’s.',
  'record.format': 'The file is an execution record, and nothing else.',
  'record.hash': 'Nothing in the record changed since it was hashed.',
  'record.signature': 'Whoever holds the key signed exactly this record.',
  'record.signer': 'The key belongs to someone you trust.',
  'record.counts': 'Every result has the right width and adds up to its shots.',
  'record.times': 'Started, finished and recorded stand in that order.',
  'result.digest': 'The result digest is that of these counts.',
  'result.samples': 'The results are those of the provider’s raw answer, counted again.',
  'circuit.rebuild': 'The circuit is the one that the named workload makes from these parameters.',
  'circuit.source': 'The text given to the SDK says that circuit.',
  'circuit.executed': 'What was executed, after a compiler, gives what the submitted circuit gives.',
  plausibility: 'The counts are what the circuit can give, on what the record says it ran.',
  'artifact.digest': 'Every artifact here is the one that the record names.',
  'statement.format': 'The file is one signed envelope, and nothing else.',
  'statement.signature': 'Whoever holds the key signed exactly this payload.',
  'statement.signer': 'The key belongs to someone you trust to vouch for this.',
  'statement.subject': 'What was signed is this very record core.',
  'log.entry': 'The log’s entry is exactly this envelope.',
  'log.inclusion': 'The entry is in the tree that the checkpoint names.',
  'log.checkpoint': 'A log that you know signed that checkpoint.',
  'log.witnesses': 'As many witnesses as you ask for have seen that checkpoint, and no other.',
  'log.consistency': 'The log shows one history.',
  'time.stamp': 'An authority that you know stamped exactly this signature.',
  'time.existed_by': 'Others than the signer say by when the record existed; not how old it is.',
  'anchor.header': 'The header is a block’s, and this is the block’s hash.',
  'anchor.receipt': 'A transaction of that block succeeded, and your contract recorded this in it.',
  'anchor.root': 'What was recorded is the tree that holds this entry, or this record.',
  'anchor.block': 'The block is the chain’s.',
  'receipt.format': 'The file holds AIIR receipts, and nothing else.',
  'receipt.hash': 'Nothing that is hashed of the receipt changed.',
  'receipt.signature': 'Whoever holds the key signed exactly this receipt, its extensions too.',
  'receipt.signer': 'The signer is someone you trust to vouch for receipts.',
  'receipt.subject': 'What the statement is about is the receipt’s commit.',
  'binding.match': 'The record’s job is bound to this very receipt and to its very entry in the log.',
  'binding.tags': 'The job’s tags, as the importer saw them, say the same.',
  'order.declared_before_run':
    'The source was declared before it ran: consistent with the provider’s or recorder’s word on when it ran.',
} as const;

export type CheckId = keyof typeof CLAIMS;
