/**
 * The workload manifest: the files that make up a workload, each by its digest. A receipt's statement names the digest of
 * its bytes, which are RFC 8785:
 *
 *     [{"digest":"sha256:…","path":"circuits/bell.qasm"},{"digest":"sha256:…","path":"run.py"}]
 *
 * Paths are relative, with `/`, in the order of their UTF-16 units, and each stands once: one set of files has one digest,
 * and whoever checks it is never led out of the folder that they check.
 */

import type { Bytes } from '../core/bytes.ts';
import { DIGEST_PATTERN, type Digest, digestOf } from '../core/digest.ts';
import { QpoeError } from '../core/error.ts';
import { canonicalBytes } from '../core/jcs.ts';
import { printable } from '../core/printable.ts';

export interface ManifestEntry {
  readonly path: string;
  readonly digest: Digest;
}

export interface Manifest {
  readonly entries: readonly ManifestEntry[];
  readonly bytes: Bytes;
  readonly digest: Digest;
}

const MAX_ENTRIES = 10_000;
const MAX_PATH_LENGTH = 4096;

/** @throws QpoeError `usage`, `refused` */
export function makeManifest(files: readonly ManifestEntry[]): Manifest {
  if (files.length === 0) throw new QpoeError('usage', 'a manifest of no files');
  if (files.length > MAX_ENTRIES)
    throw new QpoeError('refused', `a manifest of ${files.length} files, over the limit of ${MAX_ENTRIES}`);
  const entries = files.map(({ path, digest }) => ({ path, digest })).sort(byPath);
  for (const [i, entry] of entries.entries()) checkEntry(entry, entries[i - 1]);
  const bytes = canonicalBytes(entries);
  return { entries, bytes, digest: digestOf(bytes) };
}

function byPath(a: ManifestEntry, b: ManifestEntry): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}

function checkEntry({ path, digest }: ManifestEntry, before: ManifestEntry | undefined): void {
  const fault = findPathFault(path);
  if (fault !== undefined)
    throw new QpoeError(
      'usage',
      `"${printable(path)}" can't stand in a manifest: ${fault}`,
      'name files inside the folder of the workload, relative to it',
    );
  if (path === before?.path)
    throw new QpoeError('usage', `"${printable(path)}" stands twice in the manifest`);
  if (!DIGEST_PATTERN.test(digest)) throw new QpoeError('usage', `"${printable(path)}" has no digest`);
}

function findPathFault(path: string): string | undefined {
  if (path === '') return 'no path';
  if (path.length > MAX_PATH_LENGTH) return `over ${MAX_PATH_LENGTH} characters`;
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return 'an absolute path';
  // To Windows it separates folders, so that `..\x` would lead out there.
  if (path.includes('\\')) return 'a backslash';
  if (/[\u0000-\u001f\u007f]/.test(path)) return 'a control character';
  if (!path.isWellFormed()) return 'not Unicode';
  const part = path.split('/').find((name) => ['', '.', '..'].includes(name));
  return part === undefined ? undefined : `"${part}" as a folder`;
}
