/**
 * A Sigstore trusted root (sigstore/protobuf-specs, `sigstore_trustroot.proto`): whose certificates, logs and clocks a keyless
 * bundle may rest on. It comes from the policy, never from the evidence, and is never fetched.
 */

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { X509Certificate } from '@sigstore/core';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { type TrustMaterial, toTrustMaterial } from '@sigstore/verify';
import { QpoeError } from '../core/error.ts';
import { parseJson } from '../core/json.ts';
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

const MEDIA_TYPES = [
  'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
  'application/vnd.dev.sigstore.trustedroot.v0.1+json',
  'application/vnd.dev.sigstore.trustedroot.v0.2+json',
];

/**
 * The text of the root that a policy names: `public-good`, or a file.
 * @param folder what a relative path resolves against: the policy's folder
 * @throws QpoeError `unreadable`
 */
export function loadTrustedRoot(name: string, folder: string): string {
  if (name === 'public-good') return PUBLIC_GOOD_ROOT;
  const path = resolve(folder, name);
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new QpoeError(
      'unreadable',
      `${path}: the trusted root can't be read (${(cause as Error).message})`,
      'name an existing file, or "public-good" for Sigstore\'s own instance',
      { cause },
    );
  }
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
