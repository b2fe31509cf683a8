/** The real receipts with Sigstore bundles in `aiir/signed`, and every byte of them that a signature is about, flipped. */

// biome-ignore lint/suspicious/noExplicitAny: tests edit bundles anywhere
type AnyBundle = any;

export interface SignedReceipt {
  readonly bytes: Buffer;
  readonly bundle: AnyBundle;
}

export const RECEIPTS = [
  'receipt_25efd95ac696_a256d63a8ac45ea8.json',
  'receipt_304b4b8f36f2_a25604dd5dfcaa1f.json',
  'receipt_cf8033cdafb5_a256e4e751c8d511.json',
];

export const STAMPS = 'the time stamp';

const ENTRY = ['verificationMaterial', 'tlogEntries', '0'];
const BASE64: Readonly<Record<string, readonly string[]>> = {
  'the signature': ['messageSignature', 'signature'],
  'the digest': ['messageSignature', 'messageDigest', 'digest'],
  'the certificate': ['verificationMaterial', 'certificate', 'rawBytes'],
  'the log’s id': [...ENTRY, 'logId', 'keyId'],
  'the body': [...ENTRY, 'canonicalizedBody'],
  'the SET': [...ENTRY, 'inclusionPromise', 'signedEntryTimestamp'],
  'the root hash': [...ENTRY, 'inclusionProof', 'rootHash'],
  'a hash of the proof': [...ENTRY, 'inclusionProof', 'hashes', '7'],
  [STAMPS]: [
    'verificationMaterial',
    'timestampVerificationData',
    'rfc3161Timestamps',
    '0',
    'signedTimestamp',
  ],
};

/** Where, and the receipt with the lowest bit of that byte turned. */
export function* byteFlips({ bytes, bundle }: SignedReceipt): Generator<[string, () => SignedReceipt]> {
  for (let i = 0; i < bytes.length; i++) yield ['the file', () => ({ bundle, bytes: flip(bytes, i) })];
  for (const [where, path] of Object.entries(BASE64)) {
    const value = Buffer.from(at(bundle, path), 'base64');
    for (let i = 0; i < value.length; i++)
      yield [where, () => ({ bytes, bundle: put(bundle, path, flip(value, i).toString('base64')) })];
  }
  const checkpoint = [...ENTRY, 'inclusionProof', 'checkpoint', 'envelope'];
  const text = Buffer.from(at(bundle, checkpoint));
  for (let i = 0; i < text.length; i++)
    yield ['the checkpoint', () => ({ bytes, bundle: put(bundle, checkpoint, flip(text, i).toString()) })];
}

function flip(bytes: Buffer, i: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[i]! ^= 1;
  return copy;
}

const at = (bundle: AnyBundle, path: readonly string[]): string =>
  path.reduce((value, step) => value[step], bundle);

function put(bundle: AnyBundle, path: readonly string[], value: string): AnyBundle {
  const copy = structuredClone(bundle);
  const parent = path.slice(0, -1).reduce((inner, step) => inner[step], copy);
  parent[path.at(-1)!] = value;
  return copy;
}
