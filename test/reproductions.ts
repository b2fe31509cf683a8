/** What someone says who ran an archive's records again, signed by whom a test likes; and archives of records that a test chooses. */

import { archiveFiles, bundlePath, type ManifestHead, namedFiles } from '../src/cli/publish/archive-parts.ts';
import { toBase64, utf8 } from '../src/core/bytes.ts';
import type { Digest } from '../src/core/digest.ts';
import { type JsonObject, parseJsonBytes } from '../src/core/json.ts';
import {
  MANIFEST_PATH,
  MANIFEST_V1,
  type Manifest,
  manifestBytes,
  PAPER_PATH,
  publicationStatement,
  STATEMENT_PATHS,
} from '../src/publish/manifest.ts';
import { paperText } from '../src/publish/paper-text.ts';
import {
  type Findings,
  REPRODUCTION_V1,
  type Reproduction,
  reproductionPayload,
} from '../src/publish/reproduction.ts';
import { writeZip } from '../src/publish/write-zip.ts';
import type { ExecutionRecord } from '../src/record/schema.ts';
import { type Identity, identityFingerprint, spki } from '../src/store/identity.ts';
import { signStatement } from '../src/store/sign-statement.ts';
import { readBundle } from '../src/verify/bundle.ts';

type Own = readonly { readonly record_id: string; readonly hash: Digest }[];

export function findingsOf(identity: Identity, records: Own): Findings {
  return {
    archive: `sha256:${'a'.repeat(64)}`,
    by: identityFingerprint(identity) as Digest,
    at: '2026-11-22T08:00:00Z',
    qpoe: '0.1.0',
    sdks: { simulator: { backends: ['statevector'], packages: { 'quantum-proof-of-execution': '0.1.0' } } },
    statistics: { tests: 0, threshold: 0.001 },
    records: records.map(({ record_id, hash }) => ({
      record_id,
      hash,
      sdk: 'simulator',
      outcome: 'identical',
    })),
  };
}

export function signFindings(identity: Identity, reproduction: Findings): Reproduction {
  return {
    mediaType: REPRODUCTION_V1,
    reproduction,
    keys: [identity.ed25519, identity.p256, identity.mlDsa65].map((key) => toBase64(spki(key))),
    statements: signStatement(identity, reproductionPayload(reproduction)).map(
      ({ bundle }) => bundle as JsonObject,
    ),
  };
}

/** A bundle of one record, and the record. */
export interface Bundled {
  readonly record: ExecutionRecord;
  readonly bytes: Uint8Array;
  /** What stands in the archive instead. */
  readonly instead?: Uint8Array;
}

/** As `qpoe publish` writes it, of bundles that no store would hold. */
export function archiveOf(
  identity: Identity,
  bundled: readonly Bundled[],
  figures: Readonly<Record<string, readonly number[]>>,
): Uint8Array {
  const head: ManifestHead = {
    publication: { title: 'Made for a test', authors: [{ name: 'A' }], license: 'MIT', date: '2026-11-22' },
    keys: [identity.ed25519, identity.p256, identity.mlDsa65].map((key) => toBase64(spki(key))),
    figures: Object.entries(figures).map(([name, at]) => ({
      name,
      records: at.map((index) => bundled[index]!.record.record.hash as Digest),
    })),
    records: bundled.map(({ record }) => ({
      record_id: record.record.record_id,
      hash: record.record.hash as Digest,
      bundle: bundlePath(record),
    })),
    external: [],
    withheld: [],
  };
  const packed = bundled.map(({ record, bytes, instead }) => ({
    record,
    bytes: instead ?? bytes,
    bundle: () => readBundle(parseJsonBytes(bytes) as JsonObject).value!,
  }));
  const files = archiveFiles(head, packed, new Map());
  const manifest: Manifest = { mediaType: MANIFEST_V1, ...head, files: namedFiles(files) };
  const bytes = manifestBytes(manifest);
  files.set(MANIFEST_PATH, bytes).set(PAPER_PATH, paperText(manifest));
  for (const { algorithm, bundle } of signStatement(identity, publicationStatement(bytes)))
    files.set(STATEMENT_PATHS[algorithm as 'p256'], utf8(`${JSON.stringify(bundle)}\n`));
  return writeZip(files);
}
