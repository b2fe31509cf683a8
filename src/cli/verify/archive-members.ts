/** The bundles of an archive that a person verifies, on every core where there are many, with what a report shows of them. */

import type { Archive } from '../../publish/archive.ts';
import type { Member } from '../../publish/verify-archive.ts';
import type { Trust } from '../../verify/trust.ts';
import { EXIT } from '../exit.ts';
import type { PlausibilityAsked } from './plausibility-means.ts';
import { type FileMeans, type FileTask, type FileVerdict, verifyFile } from './verify-file.ts';

/** Below this, starting threads costs more than they save. */
const FEW = 64;

/** A bundle's verdict, and the bytes that it was about where a report looks at them. */
export interface JudgedMember {
  readonly result: FileVerdict;
  readonly bytes?: Uint8Array;
}

export interface MembersAsked {
  /** Of the archive. */
  readonly path: string;
  readonly trust: Trust;
  readonly means: FileMeans;
  readonly asksPlausibility: PlausibilityAsked;
  /** Of how many the bytes are kept. */
  readonly keep: number;
  readonly detail: boolean;
  progress(more: number): void;
  /** Between two bundles. */
  readonly stop: AbortSignal;
  /** Takes each as it is judged. */
  take(member: JudgedMember): void;
}

export async function judgeMembers(
  { zip }: Archive,
  paths: readonly string[],
  asked: MembersAsked,
): Promise<readonly Member[]> {
  const members: Member[] = [];
  const add = (path: string, result: FileVerdict, bytes?: Uint8Array): void => {
    asked.take({ result, ...(bytes === undefined ? {} : { bytes }) });
    members.push(memberOf(path, result));
    asked.progress(1);
  };
  const load = (path: string): FileTask => taskOf(asked.path, path, zip.unpack(path));
  if (paths.length < FEW || asked.keep > 0) {
    for (const [at, path] of paths.entries()) {
      if (asked.stop.aborted) return members;
      const task = load(path);
      const result = await verifyFile(task, asked.trust, Date.now(), asked.means);
      add(path, result, at < asked.keep ? task.content : undefined);
    }
    return members;
  }
  const { verifyOnAllCores } = await import('./verify-pool.ts');
  let at = 0;
  for await (const batch of verifyOnAllCores(
    paths,
    asked.trust,
    asked.detail,
    asked.asksPlausibility,
    load,
  )) {
    if (asked.stop.aborted) break;
    for (const result of batch) add(paths[at++]!, result);
  }
  return members;
}

function taskOf(
  archive: string,
  path: string,
  { value, fault }: ReturnType<Archive['zip']['unpack']>,
): FileTask {
  const named = { path: `${archive}/${path}`, named: true };
  return value === undefined
    ? { ...named, skip: { outcome: 'unreadable', reason: fault } }
    : { ...named, content: value };
}

/** What can't be unpacked fails: it is there, and is not what it says. */
function memberOf(path: string, { digest, size, verdict, exit, error }: FileVerdict): Member {
  return {
    path,
    outcome: verdict?.verdict ?? (exit === EXIT.external ? 'inconclusive' : 'fail'),
    ...(digest === undefined ? {} : { digest }),
    ...(size === undefined ? {} : { size }),
    ...(verdict === undefined ? {} : { verdict }),
    ...(error === undefined ? {} : { error }),
  };
}
