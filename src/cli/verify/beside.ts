/** What lies beside a file: the signature that `aiir --sign` or `cosign sign-blob` wrote, or a CBOR sidecar's receipt. */

import { WRAPPED } from '../../core/json.ts';
import { lookAt, readOwn } from '../../store/files.ts';

const SIGNATURES = ['.sigstore', '.sigstore.json'];

/** The signature beside a file, of such a signature the file, of a CBOR sidecar its JSON; undefined where there is none. */
export function readBeside(path: string): Uint8Array | undefined {
  if (path.endsWith('.cbor')) return readIfFile(`${path.slice(0, -'.cbor'.length)}.json`);
  const suffix = SIGNATURES.find((ending) => path.endsWith(ending));
  const places =
    suffix === undefined ? SIGNATURES.map((ending) => path + ending) : [path.slice(0, -suffix.length)];
  const place = places.find((candidate) => lookAt(candidate)?.isFile());
  return place === undefined ? undefined : readOwn(place, WRAPPED.bytes);
}

function readIfFile(path: string): Uint8Array | undefined {
  return lookAt(path)?.isFile() ? readOwn(path, WRAPPED.bytes) : undefined;
}
