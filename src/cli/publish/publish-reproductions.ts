/** `qpoe publish --reproduction`: what others found who ran the records again, judged before it goes into an archive. */

import { QpoeError } from '../../core/error.ts';
import { JsonError, type JsonValue, parseJsonBytes, WRAPPED } from '../../core/json.ts';
import { printable } from '../../core/printable.ts';
import { judgeReproduction } from '../../publish/judge-reproduction.ts';
import type { Manifest } from '../../publish/manifest.ts';
import { type Reproduction, reproductionPath } from '../../publish/reproduction.ts';
import { readBounded } from '../../store/files.ts';

/** They name the hashes that the records have elsewhere, which an anonymous archive exists to leave out. */
export function refuseReproductions(paths: readonly string[]): void {
  if (paths.length > 0)
    throw new QpoeError(
      'refused',
      '--anonymous and --reproduction contradict each other: a reproduction names the records that you signed',
      'include it in the archive that you publish under your name',
    );
}

/** @returns each by where it stands in the archive */
export async function readReproductions(
  paths: readonly string[],
  archive: Pick<Manifest, 'keys' | 'records'>,
): Promise<ReadonlyMap<string, Reproduction>> {
  const reproductions = new Map<string, Reproduction>();
  for (const path of paths) {
    const value = readJson(path);
    // Who made it is for the archive's readers to know.
    const { findings, isOwn, fault } = await judgeReproduction(value, archive, { kind: 'unasked' }, {});
    if (fault !== undefined) throw refuse(path, printable(fault, 500));
    if (isOwn) throw refuse(path, 'you made it yourself: it is signed by a key of yours');
    reproductions.set(reproductionPath(findings), value as unknown as Reproduction);
  }
  return reproductions;
}

function refuse(path: string, why: string): QpoeError {
  return new QpoeError(
    'refused',
    `${path} can't be included: ${why}`,
    'give what `qpoe reproduce` wrote of these very records for someone else',
  );
}

function readJson(path: string): JsonValue {
  try {
    return parseJsonBytes(readBounded(path, WRAPPED.bytes), WRAPPED);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw refuse(path, `not strict JSON: ${error.message}`);
  }
}
