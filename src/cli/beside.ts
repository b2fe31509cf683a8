/** The signature that `aiir --sign` or `cosign sign-blob` writes beside a file. */

import { WRAPPED } from '../core/json.ts';
import { lookAt, readOwn } from '../store/files.ts';

const SIGNATURES = ['.sigstore', '.sigstore.json'];

/** The signature beside a file, or of such a signature the file; undefined where nothing lies there. */
export function readBeside(path: string): Uint8Array | undefined {
  const suffix = SIGNATURES.find((ending) => path.endsWith(ending));
  const places =
    suffix === undefined ? SIGNATURES.map((ending) => path + ending) : [path.slice(0, -suffix.length)];
  const place = places.find((candidate) => lookAt(candidate) !== undefined);
  return place === undefined ? undefined : readOwn(place, WRAPPED.bytes);
}
