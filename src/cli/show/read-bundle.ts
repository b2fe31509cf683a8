/** A named evidence bundle, read as what it says, before anything of it is judged. */

import { digestOf } from '../../core/digest.ts';
import { QpoeError } from '../../core/error.ts';
import { JsonError, type JsonValue, parseJsonBytes, WRAPPED } from '../../core/json.ts';
import { readRecord } from '../../record/read-record.ts';
import type { ExecutionRecord } from '../../record/schema.ts';
import { readBounded } from '../../store/files.ts';
import {
  BUNDLE_V1,
  decodeArtifact,
  type EvidenceBundle,
  isBundleLike,
  readBundle,
} from '../../verify/bundle.ts';

export interface ReadBundleFile {
  readonly bundle: EvidenceBundle;
  readonly record: ExecutionRecord;
}

/** @throws QpoeError where the file is no bundle of a known version, or an artifact in it is not what it is called */
export function readBundleFile(path: string): ReadBundleFile {
  const value = readJson(path);
  if (!isBundleLike(value)) throw refuse(path, 'not an evidence bundle', '`qpoe bundle` makes one');
  if (value.mediaType !== BUNDLE_V1)
    throw refuse(path, `of a newer version, ${value.mediaType}`, 'use a newer qpoe');
  const { value: bundle, fault } = readBundle(value);
  if (fault !== undefined) throw refuse(path, fault, '`qpoe verify` says more');
  const { value: record, fault: misshapen } = readRecord(bundle.record);
  if (misshapen !== undefined) throw refuse(path, `record: ${misshapen}`, '`qpoe verify` says more');
  for (const [digest, artifact] of Object.entries(bundle.artifacts))
    if (digestOf(decodeArtifact(artifact)!) !== digest)
      throw refuse(
        path,
        `what stands under ${digest} has another digest`,
        'it was changed: get the file anew',
      );
  return { bundle, record };
}

function readJson(path: string): JsonValue {
  try {
    return parseJsonBytes(readBounded(path, WRAPPED.bytes), WRAPPED);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw refuse(path, error.message, '`qpoe bundle` makes one');
  }
}

function refuse(path: string, reason: string, hint: string): QpoeError {
  return new QpoeError('usage', `${path}: ${reason}`, hint);
}
