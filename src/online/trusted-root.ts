/**
 * A Sigstore trusted root (sigstore/protobuf-specs, `sigstore_trustroot.proto`): whose certificates, logs and clocks a keyless
 * bundle may rest on. It comes from the policy, never from the evidence, and is never fetched.
 */

import { resolve } from 'node:path';
import { X509Certificate } from '@sigstore/core';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { type TrustMaterial, toTrustMaterial } from '@sigstore/verify';
import { MEDIA_TYPES, type RekorLog, readRekorLogs } from '../attest/trusted-root.ts';
import { QpoeError } from '../core/error.ts';
import { parseJson } from '../core/json.ts';
import { readWithStats } from '../store/files.ts';
import { OTHERS_WRITE, refuseOthers } from '../store/home.ts';
import { PUBLIC_GOOD } from '../verify/keyless.ts';
import { PUBLIC_GOOD_ROOT } from './public-good-root.ts';

export interface SigstoreRoot {
  readonly material: TrustMaterial;
  readonly logs: readonly RekorLog[];
  /** The certificates that may have issued a signer's. */
  readonly authorities: readonly X509Certificate[];
}

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
  const { fault } = readRekorLogs(text);
  if (fault !== undefined) throw refuse(fault, undefined, path);
  return text;
}

const MAX_ROOT_BYTES = 10_000_000;

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
    const { value: logs, fault } = readRekorLogs(text);
    if (fault !== undefined) throw new Error(fault);
    return {
      material: toTrustMaterial(root),
      logs,
      authorities: root.certificateAuthorities.flatMap(({ certChain }) =>
        certChain!.certificates.map(({ rawBytes }) => X509Certificate.parse(Buffer.from(rawBytes))),
      ),
    };
  } catch (cause) {
    throw refuse((cause as Error).message, cause);
  }
}

/**
 * The logs alone: what a policy's `[[log]] trusted_root` stands for. It need not name a certificate authority.
 * @param text of the root, as `loadTrustedRoot` gives it
 * @throws QpoeError `usage`: not a trusted root
 */
export function rekorLogsOf(text: string): readonly RekorLog[] {
  const { value, fault } = readRekorLogs(text);
  if (fault !== undefined) throw refuse(fault);
  return value;
}

function refuse(reason: string, cause?: unknown, path?: string): QpoeError {
  return new QpoeError(
    'usage',
    `${path === undefined ? '' : `${path}: `}not a Sigstore trusted root: ${reason}`,
    'export it again from your Sigstore instance (trusted_root.json), or use "public-good"',
    { cause },
  );
}
