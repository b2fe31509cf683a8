/** What stands in an archive beside its manifest: bundles, circuits, crate, citation, readme, licence. */

import { fromUtf8, utf8 } from '../../core/bytes.ts';
import { count } from '../../core/count.ts';
import { type Digest, digestOf } from '../../core/digest.ts';
import { formatCff } from '../../publish/citation.ts';
import { type CircuitFile, CRATE_PATH, crateText } from '../../publish/crate.ts';
import type { Manifest, Publication } from '../../publish/manifest.ts';
import { readmeText } from '../../publish/readme.ts';
import { type Reproduction, reproductionBytes } from '../../publish/reproduction.ts';
import type { ExecutionRecord } from '../../record/schema.ts';
import { decodeArtifact, type EvidenceBundle } from '../../verify/bundle.ts';

/** A record as it goes into the archive. */
export interface Packed {
  readonly record: ExecutionRecord;
  /** Read from its bytes when it is asked for. */
  readonly bundle: () => EvidenceBundle;
  readonly bytes: Uint8Array;
}

/** All of the manifest but the files that it names. */
export type ManifestHead = Omit<Manifest, 'mediaType' | 'files'>;

export function bundlePath({ record }: ExecutionRecord): string {
  return `bundles/${record.record_id}.qpoe.json`;
}

const LICENSE_PATH = 'LICENSE';
const DOCUMENTS = [
  { path: 'README.md', format: 'text/markdown', about: 'What this archive is, and how to verify it' },
  { path: 'CITATION.cff', format: 'application/yaml', about: 'How to cite it' },
  { path: LICENSE_PATH, format: 'text/plain', about: 'What you may do with it' },
] as const;

/** Every file but the manifest and what follows from it, by path. @param reproductions by where they stand */
export function archiveFiles(
  head: ManifestHead,
  packed: readonly Packed[],
  reproductions: ReadonlyMap<string, Reproduction>,
): Map<string, Uint8Array> {
  const circuits = collectCircuits(packed);
  const crate = crateText({
    publication: head.publication,
    figures: head.figures,
    records: packed.map(({ record, bytes }) => ({ record, bundle: bundlePath(record), size: bytes.length })),
    circuits: new Map([...circuits].map(([digest, { file }]) => [digest, file])),
    documents: [...DOCUMENTS, ...[...reproductions].map(aboutReproduction)],
  });
  return new Map<string, Uint8Array>([
    ...packed.map(({ record, bytes }): [string, Uint8Array] => [bundlePath(record), bytes]),
    ...[...circuits.values()].map(({ file, bytes }): [string, Uint8Array] => [file.path, bytes]),
    ...[...reproductions].map(([path, one]): [string, Uint8Array] => [path, reproductionBytes(one)]),
    [CRATE_PATH, utf8(crate)],
    ['README.md', utf8(readmeText(head, reproductions.size))],
    ['CITATION.cff', utf8(formatCff(head.publication))],
    [LICENSE_PATH, utf8(licenseText(head.publication))],
  ]);
}

function aboutReproduction([path, { reproduction }]: [string, Reproduction]) {
  const { by, records } = reproduction;
  const about = `What ${by} found who ran ${count(records.length, 'record')} again`;
  return { path, format: 'application/json', about };
}

/** The licence's own text is the licensor's to publish: this names it, as SPDX has it. */
function licenseText({ license }: Publication): string {
  return `SPDX-License-Identifier: ${license}\nhttps://spdx.org/licenses/${license}.html\n`;
}

interface Circuit {
  readonly file: CircuitFile;
  readonly bytes: Uint8Array;
}

const EXTENSIONS: Readonly<Record<string, string>> = {
  openqasm2: 'qasm',
  openqasm3: 'qasm',
  'gate-list': 'json',
  qpy: 'qpy',
};

/** The circuits that the bundles carry, once each, for whoever opens the archive without any tool. */
function collectCircuits(packed: readonly Packed[]): ReadonlyMap<Digest, Circuit> {
  const circuits = new Map<Digest, Circuit>();
  for (const { record, bundle: read } of packed) {
    const bundle = read();
    for (const { input, source } of record.workload.programs)
      for (const named of [source, input]) {
        if (named === undefined || circuits.has(named.digest)) continue;
        const artifact = Object.hasOwn(bundle.artifacts, named.digest)
          ? bundle.artifacts[named.digest]
          : undefined;
        if (artifact !== undefined) circuits.set(named.digest, circuitOf(named, decodeArtifact(artifact)!));
      }
  }
  return circuits;
}

function circuitOf(
  { format, digest }: { readonly format: string; readonly digest: Digest },
  bytes: Uint8Array,
): Circuit {
  const plain = fromUtf8(bytes) === undefined ? 'bin' : 'txt';
  const extension = EXTENSIONS[format] ?? plain;
  const path = `circuits/${digest.slice('sha256:'.length)}.${extension}`;
  return { file: { path, format, digest, size: bytes.length }, bytes };
}

export function namedFiles(files: ReadonlyMap<string, Uint8Array>): Manifest['files'] {
  return [...files]
    .map(([path, bytes]) => ({ path, digest: digestOf(bytes), size: bytes.length }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}
