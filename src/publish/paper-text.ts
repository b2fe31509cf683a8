/**
 * What the paper prints, so that its reader needs nothing of the authors' but the paper: whose signature, over which manifest, and the
 * command. It is a function of the manifest, because its digest can't stand in what it is the digest of; the verifier writes it again.
 */

import { type Bytes, utf8 } from '../core/bytes.ts';
import { count } from '../core/count.ts';
import { type Digest, digestOf } from '../core/digest.ts';
import { type Manifest, manifestBytes } from './manifest.ts';
import { signerOf } from './signer-of.ts';

/** @param file what the archive is called */
export function paperLines(manifest: Manifest, digest: Digest, file: string): readonly string[] {
  const { records, figures } = manifest;
  const shown = figures.length === 0 ? '' : ` behind ${figures.map(({ name }) => name).join(', ')}`;
  return [
    `The records of the ${count(records.length, 'execution')}${shown} are archived with their signatures.`,
    `Signer: ${signerOf(manifest)}`,
    `Manifest: ${digest}`,
    `Verify offline: qpoe verify ${file} --signer ${signerOf(manifest)}`,
  ];
}

/** Its bytes in the archive never change for a manifest: version 1 of the text. */
export function paperText(manifest: Manifest): Bytes {
  const digest = digestOf(manifestBytes(manifest));
  return utf8(`${paperLines(manifest, digest, 'FILE').join('\n')}\n`);
}
