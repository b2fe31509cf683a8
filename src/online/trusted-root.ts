/**
 * A Sigstore trusted root (sigstore/protobuf-specs, `sigstore_trustroot.proto`): whose certificates, logs and clocks a keyless
 * bundle may rest on. It comes from the policy, never from the evidence, and is never fetched.
 */

import { resolve } from 'node:path';
import { X509Certificate } from '@sigstore/core';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { type TrustMaterial, toTrustMaterial } from '@sigstore/verify';
import { QpoeError } from '../core/error.ts';
import { parseJson } from '../core/json.ts';
import { readWithStats } from '../store/files.ts';
import { OTHERS_WRITE, refuseOthers } from '../store/home.ts';
import { PUBLIC_GOOD } from '../verify/keyless.ts';
import { PUBLIC_GOOD_ROOT } from './public-good-root.ts';

export interface RootLog {
  /** What the log signs its checkpoints as: the host name of its address. */
  readonly host: string;
  readonly keyId: Buffer;
  /** Milliseconds since 1970. */
  readonly start: number;
  readonly end: number;
}

export interface SigstoreRoot {
  readonly material: TrustMaterial;
  readonly logs: readonly RootLog[];
  /** The certificates that may have issued a signer's. */
  readonly authorities: readonly X509Certificate[];
}

const MAX_ROOT_BYTES = 10_000_000;
const MEDIA_TYPES = [
  'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
  'application/vnd.dev.sigstore.trustedroot.v0.1+json',
  'application/vnd.dev.sigstore.trustedroot.v0.2+json',
];

/**
 * The text of the root that a policy names: `public-good`, or a file.
 * @param folder what a relative path resolves against: the policy's folder
 * @throws QpoeError `unreadable`, `unsafe` where others can write it, `usage` where it is none
 */
export function loadTrustedRoot(name: string, folder: string): string {
  if (name === PUBLIC_GOOD) return PUBLIC_GOOD_ROOT;
  const path = resolve(folder, name);
  const { bytes, stats } = readWithStats(path, MAX_ROOT_BYTES);
  // Whoever may write it decides who may issue identities.
  refuseOthers(path, stats, OTHERS_WRITE);
  const text = bytes.toString('utf8');
  try {
    readTrustedRoot(text);
  } catch (error) {
    if (!(error instanceof QpoeError)) throw error;
    throw new QpoeError(error.code, `${path}: ${error.message}`, error.hint, { cause: error });
  }
  return text;
}

/** Of the last text: a folder of bundles is judged by one root. */
let last: { readonly text: string; readonly root: SigstoreRoot } | undefined;

/** @throws QpoeError `usage`: not a trusted root that could verify anything */
export function readTrustedRoot(text: string): SigstoreRoot {
  if (last?.text !== text) last = { text, root: parseTrustedRoot(text) };
  return last.root;
}

function parseTrustedRoot(text: string): SigstoreRoot {
  try {
    const root = TrustedRoot.fromJSON(parseJson(text));
    if (!MEDIA_TYPES.includes(root.mediaType)) throw new Error('not the media type of a trusted root');
    if (root.certificateAuthorities.length === 0) throw new Error('it names no certificate authority');
    if (root.tlogs.length === 0) throw new Error('it names no transparency log');
    return {
      material: toTrustMaterial(root),
      logs: root.tlogs.map(readLog),
      authorities: root.certificateAuthorities.flatMap(({ certChain }) =>
        certChain!.certificates.map(({ rawBytes }) => X509Certificate.parse(Buffer.from(rawBytes))),
      ),
    };
  } catch (cause) {
    throw new QpoeError(
      'usage',
      `not a Sigstore trusted root: ${(cause as Error).message}`,
      'export it again from your Sigstore instance (trusted_root.json), or use "public-good"',
      { cause },
    );
  }
}

function readLog({ baseUrl, publicKey, logId, checkpointKeyId }: TrustedRoot['tlogs'][number]): RootLog {
  const { start, end } = publicKey!.validFor ?? {};
  return {
    host: new URL(baseUrl).hostname,
    keyId: (checkpointKeyId ?? logId)!.keyId,
    start: start?.getTime() ?? Number.NEGATIVE_INFINITY,
    end: end?.getTime() ?? Number.POSITIVE_INFINITY,
  };
}
