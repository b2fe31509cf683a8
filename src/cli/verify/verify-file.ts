/** One file to one verdict and the exit code it means. */

import { basename } from 'node:path';
import { type Digest, digestOf } from '../../core/digest.ts';
import { QpoeError } from '../../core/error.ts';
import { MAX_BYTES, WRAPPED } from '../../core/json.ts';
import { printable } from '../../core/printable.ts';
import type { ArchiveMeans } from '../../publish/verify-archive.ts';
import { isZipLike } from '../../publish/zip-layout.ts';
import { fileError, lookAt, readBounded } from '../../store/files.ts';
import type { Check, Verdict } from '../../verify/check.ts';
import type { Trust } from '../../verify/trust.ts';
import { type Means, verifyBytes } from '../../verify/verify.ts';
import { EXIT, type ExitCode, errorLine, exitCodeOf } from '../exit.ts';
import { objectsBeside } from '../show/objects-beside.ts';
import { readBeside } from './beside.ts';
import { beginsAsZip, MAX_ARCHIVE_BYTES } from './zip-file.ts';

export interface FileTask {
  readonly path: string;
  /** Named by the person, rather than found in a folder. */
  readonly named: boolean;
  /** What is verified under that name, where it is no file: read already, or put together. */
  readonly content?: Uint8Array;
  /** Why it is not looked at: a link or a device in a folder, or a folder that can't be read. */
  readonly skip?: { readonly outcome: 'unrecognised' | 'unreadable'; readonly reason: string };
}

export type FileOutcome = 'pass' | 'fail' | 'inconclusive' | 'unrecognised' | 'unreadable';

export interface FileVerdict {
  readonly path: string;
  readonly outcome: FileOutcome;
  readonly exit: ExitCode;
  /** Of the very bytes that were verified; absent where the file wasn't read. */
  readonly digest?: Digest;
  readonly size?: number;
  /** Absent where the file wasn't read. */
  readonly verdict?: Verdict;
  /** Why it wasn't. */
  readonly error?: string;
}

/** What lies outside of the file: a real SDK, where the person named one, Sigstore's verifier, what is beside an archive. */
export type FileMeans = Omit<Means, 'readBeside'> & ArchiveMeans;

/** Looks at the very bytes that were judged, before they are let go. */
export type Look = (bytes: Uint8Array, verdict: Verdict) => void;

/** @param now milliseconds since 1970 */
export async function verifyFile(
  task: FileTask,
  trust: Trust,
  now: number,
  means: FileMeans,
  look: Look = () => undefined,
): Promise<FileVerdict> {
  const { path, skip } = task;
  if (skip !== undefined)
    return {
      path,
      outcome: skip.outcome,
      exit: skip.outcome === 'unreadable' ? EXIT.usage : EXIT.inconclusive,
      error: skip.reason,
    };
  try {
    const bytes = await readTask(task);
    const verdict = await verifyAny(task, bytes, trust, now, means);
    refuseOversize(path, bytes.length, verdict);
    if (verdict.kind === 'receipt' && isFile(task)) refuseLink(path);
    look(bytes, verdict);
    return { path, digest: digestOf(bytes), size: bytes.length, ...judge(verdict, task), verdict };
  } catch (error) {
    if (error instanceof QpoeError)
      return { path, outcome: 'unreadable', exit: exitCodeOf(error), error: errorLine(error) };
    // A fault here must not take the other files' verdicts with it.
    const reason = `something in qpoe itself failed: ${String(error)}`;
    return { path, outcome: 'unreadable', exit: EXIT.external, error: printable(reason, 500) };
  }
}

async function verifyAny(
  task: FileTask,
  bytes: Uint8Array,
  trust: Trust,
  now: number,
  means: FileMeans,
): Promise<Verdict> {
  // In an archive there is none: one that holds itself would have no end.
  if (isZipLike(bytes) && task.content === undefined)
    return (await (await import('../../publish/verify-archive.ts')).verifyArchive(bytes, trust, now, means))
      .verdict;
  const { path } = task;
  const verdict = await verifyBytes(bytes, trust, now, {
    ...means,
    readBeside: () => (isFile(task) ? readBeside(path) : undefined),
    readObject: (digest) => means.readObject?.(digest) ?? objectsBeside(path)(digest),
  });
  if (verdict.kind !== 'unrecognised') return verdict;
  const { verifyReproduction } = await import('../../publish/verify-reproduction.ts');
  return (await verifyReproduction(bytes, trust, means)) ?? verdict;
}

async function readTask({ path, content }: FileTask): Promise<Uint8Array> {
  if (content !== undefined) return content;
  if (path === '-') return readStdin();
  return readBounded(path, beginsAsZip(path) ? MAX_ARCHIVE_BYTES : WRAPPED.bytes);
}

function isFile({ path, content }: FileTask): boolean {
  return path !== '-' && content === undefined;
}

/** What wraps a document may be larger than one, and was read before anyone knew what it is. */
function refuseOversize(path: string, size: number, { kind }: Verdict): void {
  if (size > MAX_BYTES && !['statement', 'receipt', 'archive'].includes(kind))
    throw new QpoeError('refused', `${path} has ${size} bytes, over the limit of ${MAX_BYTES}`);
}

/** AIIR reads no receipt through a link: what it leads to could be changed after the look beside it. */
function refuseLink(path: string): void {
  if (lookAt(path)?.isSymbolicLink())
    throw new QpoeError('unsafe', `${path} is a link`, 'name the receipt itself');
}

async function readStdin(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of process.stdin as AsyncIterable<Uint8Array>) {
      length += chunk.length;
      if (length > WRAPPED.bytes)
        throw new QpoeError('refused', `stdin has more than ${WRAPPED.bytes} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    throw error instanceof QpoeError ? error : fileError('unreadable', 'read', 'stdin', error);
  }
  return Buffer.concat(chunks);
}

/** Whose names say that they decide whom someone trusts: in evidence they decide nothing. */
const TRUST_FILES = ['trust.toml', 'config.toml'];

/** What isn't evidence at all fails when it is named; in a folder it is listed, and counts as inconclusive. */
function judge(verdict: Verdict, { path, named }: FileTask): Pick<FileVerdict, 'outcome' | 'exit' | 'error'> {
  if (verdict.kind !== 'unrecognised' || named)
    return { outcome: verdict.verdict, exit: EXIT[verdict.verdict] };
  const planted = TRUST_FILES.includes(basename(path))
    ? { error: 'not looked at: whom you trust never comes from the evidence' }
    : {};
  return { outcome: 'unrecognised', exit: EXIT.inconclusive, ...planted };
}

/** Without the checks that hold: what a line about one file of many needs. */
export function withoutPasses(result: FileVerdict): FileVerdict {
  if (result.verdict === undefined) return result;
  const checks = result.verdict.checks.filter(
    ({ status }: Check) => status !== 'pass' && status !== 'absent',
  );
  return { ...result, verdict: { ...result.verdict, checks, not_proven: [] } };
}
