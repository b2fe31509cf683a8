/**
 * An archive (`qpoe publish` writes it), opened: a zip with a manifest in it, of which nothing is verified yet.
 *
 *     manifest.json   manifest.p256.sigstore.json   manifest.ml-dsa-65.sigstore.json   paper.txt
 *     bundles/<record_id>.qpoe.json   circuits/<hex>.qasm   ro-crate-metadata.json   CITATION.cff   README.md   LICENSE
 */

import { type Bytes, equalBytes, utf8 } from '../core/bytes.ts';
import { type Digest, digestOf } from '../core/digest.ts';
import { JsonError, parseJsonBytes, WRAPPED } from '../core/json.ts';
import { MANIFEST_PATH, type Manifest, readManifest, STATEMENT_PATHS } from './manifest.ts';
import { readZip, type Zip } from './read-zip.ts';

export interface Archive {
  readonly zip: Zip;
  readonly manifest: Manifest;
  readonly manifestBytes: Bytes;
  /** Of the manifest's bytes: what a paper prints. */
  readonly digest: Digest;
}

export type OpenArchive =
  | { readonly value: Archive; readonly fault?: never; readonly code?: never }
  | { readonly fault: string; readonly code: string; readonly value?: never };

export function openArchive(bytes: Uint8Array): OpenArchive {
  const { value: zip, ...unread } = readZip(bytes);
  if (zip === undefined) return { fault: `the zip: ${unread.fault!}`, code: unread.code! };
  if (!zip.entries.some(({ name }) => name === MANIFEST_PATH))
    return { fault: 'a zip without a manifest.json: no archive of `qpoe publish`', code: 'archive.manifest' };
  const { value: manifestBytes, ...packed } = zip.unpack(MANIFEST_PATH);
  if (manifestBytes === undefined) return { fault: packed.fault!, code: packed.code! };
  const { value: manifest, fault, code } = readManifest(manifestBytes);
  if (fault !== undefined) return { fault: `manifest.json: ${fault}`, code };
  const loose = Object.values(STATEMENT_PATHS).find((path) => isLoose(zip, path));
  if (loose !== undefined)
    return { fault: `${loose}: not the JSON of one line that is written`, code: 'archive.statement' };
  return { value: { zip, manifest, manifestBytes, digest: digestOf(manifestBytes) } };
}

/** No digest covers a statement's file: blanks between its members could hold anything. What can't be read fails elsewhere. */
function isLoose(zip: Zip, path: string): boolean {
  const bytes = zip.entries.some(({ name }) => name === path) ? zip.unpack(path).value : undefined;
  if (bytes === undefined) return false;
  try {
    const value = parseJsonBytes(bytes, WRAPPED);
    return !equalBytes(bytes, utf8(`${JSON.stringify(value)}\n`));
  } catch (error) {
    if (error instanceof JsonError) return false;
    throw error;
  }
}
