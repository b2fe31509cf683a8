/** One file to one verdict and the exit code it means. */

import { readFileSync } from 'node:fs';
import { QpoeError } from '../core/error.ts';
import { MAX_BYTES } from '../core/json.ts';
import { readBounded } from '../store/files.ts';
import type { Check, Verdict } from '../verify/check.ts';
import type { Trust } from '../verify/trust.ts';
import { verifyBytes } from '../verify/verify.ts';
import { EXIT, type ExitCode, errorLine, exitCodeOf } from './exit.ts';

export interface FileTask {
  readonly path: string;
  /** Named by the person, rather than found in a folder. */
  readonly named: boolean;
}

export type FileOutcome = 'pass' | 'fail' | 'inconclusive' | 'unrecognised' | 'unreadable';

export interface FileVerdict {
  readonly path: string;
  readonly outcome: FileOutcome;
  readonly exit: ExitCode;
  /** Absent where the file couldn't be read. */
  readonly verdict?: Verdict;
  /** Why it couldn't. */
  readonly error?: string;
}

/** @param now milliseconds since 1970 */
export async function verifyFile(task: FileTask, trust: Trust, now: number): Promise<FileVerdict> {
  const { path } = task;
  try {
    const verdict = await verifyBytes(readEvidence(path), trust, now);
    return { path, ...judge(verdict, task), verdict };
  } catch (error) {
    if (!(error instanceof QpoeError)) throw error;
    return { path, outcome: 'unreadable', exit: exitCodeOf(error), error: errorLine(error) };
  }
}

function readEvidence(path: string): Uint8Array<ArrayBuffer> {
  if (path !== '-') return readBounded(path, MAX_BYTES);
  const bytes = readFileSync(0);
  if (bytes.length > MAX_BYTES) throw new QpoeError('refused', `stdin has more than ${MAX_BYTES} bytes`);
  return bytes;
}

/** What isn't evidence at all fails when it is named; in a folder it is listed, and counts as inconclusive. */
function judge(verdict: Verdict, { named }: FileTask): { outcome: FileOutcome; exit: ExitCode } {
  if (verdict.kind === 'unrecognised' && !named) return { outcome: 'unrecognised', exit: EXIT.inconclusive };
  return { outcome: verdict.verdict, exit: EXIT[verdict.verdict] };
}

/** Without the checks that hold: what a line about one file of many needs. */
export function withoutPasses(result: FileVerdict): FileVerdict {
  if (result.verdict === undefined) return result;
  const checks = result.verdict.checks.filter(
    ({ status }: Check) => status !== 'pass' && status !== 'absent',
  );
  return { ...result, verdict: { ...result.verdict, checks, not_proven: [] } };
}
