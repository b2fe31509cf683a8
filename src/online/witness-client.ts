/**
 * Asks witnesses to cosign a checkpoint (https://c2sp.org/tlog-witness). Each is asked beside the others and believed in
 * nothing: what it answers counts once it verifies against the key that is known for it.
 */

import { type Bytes, concatenate, fromUtf8, utf8 } from '../core/bytes.ts';
import { QpoeError } from '../core/error.ts';
import { printable } from '../core/printable.ts';
import { type Checkpoint, parseCheckpoint } from '../tlog/checkpoint.ts';
import { type Cosigned, collectCosignatures, verifyCosignature, witnessId } from '../tlog/cosignature.ts';
import type { Fault, Read } from '../tlog/fault.ts';
import { formatNote, type Note, type NoteSignature, parseNote } from '../tlog/note.ts';
import type { Vkey } from '../tlog/vkey.ts';
import { formatAddCheckpoint, parseTreeSize } from '../tlog/witness.ts';

export interface WitnessTarget {
  readonly vkey: Vkey;
  /** The submission prefix: `/add-checkpoint` is added to it. */
  readonly url: string;
  /** The size that it is thought to have cosigned last. It says so itself where that is wrong. */
  readonly lastSize?: number;
}

/** The consistency proof between two sizes of the log, both at least 1. @throws QpoeError */
export type ProveConsistency = (oldSize: number, newSize: number) => readonly Uint8Array[];

export interface CosignOptions {
  /** Of the targets, also those whose cosignatures the note has already. A public key counts once. */
  readonly quorum: number;
  readonly signal: AbortSignal;
  /** For one witness, with all that is asked of it. */
  readonly timeoutMs?: number;
  /** How far a witness's clock may be ahead of this one. */
  readonly skewMs?: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** How a witness is asked; by HTTP where nothing is given. */
  readonly post?: Post;
}

/** Sends a submission to a witness's endpoint. */
export type Post = (endpoint: string, body: Bytes, signal: AbortSignal) => Promise<Reply>;

export interface Cosigning {
  /** The checkpoint with every good cosignature below it. */
  readonly note: Bytes;
  readonly cosigned: readonly Cosigned[];
  readonly failed: readonly FailedWitness[];
  /** Whether so many cosigned. */
  readonly reached: boolean;
}

interface FailedWitness {
  readonly target: WitnessTarget;
  /** One line; what it holds of the witness's own words is escaped. */
  readonly fault: string;
  /** `witness.` or `cosignature.` and what was wrong. */
  readonly code: string;
}

const TIMEOUT_MS = 10_000;
const SKEW_MS = 5 * 60_000;
/** Of an answer: cosignatures of several keys, ML-DSA-44 among them. */
const MAX_ANSWER_BYTES = 64 * 1024;
const MAX_QUOTED = 100;

/**
 * @param note the log's own signed checkpoint. Witnesses whose cosignature it has are not asked again: their first time is
 *   the one that counts.
 * @throws QpoeError `usage` (a note that is no checkpoint, a URL that is none), `interrupted`; never for what a witness does
 */
export async function cosignCheckpoint(
  prove: ProveConsistency,
  note: Uint8Array,
  targets: readonly WitnessTarget[],
  options: CosignOptions,
): Promise<Cosigning> {
  const asked = openNote(note);
  const keys = targets.map(({ vkey }) => vkey);
  const before = await collectCosignatures(asked.note, keys);
  const done = new Set(before.cosigned.map(({ vkey }) => witnessId(vkey)));
  // A witness that signs with several keys answers with all their lines, and is asked once.
  const endpoints = Map.groupBy(
    targets.filter(({ vkey }) => !done.has(witnessId(vkey))),
    ({ url }) => endpointOf(url),
  );
  const answers = (
    await Promise.all(
      [...endpoints].map(([endpoint, keysThere]) => askInTime(asked, prove, endpoint, keysThere, options)),
    )
  ).flat();
  if (options.signal.aborted) throw new QpoeError('interrupted', 'stopped while witnesses were asked');
  const fresh = answers.flatMap(({ lines = [] }) => lines);
  const signatures = [...asked.note.signatures, ...fresh];
  const { cosigned } = await collectCosignatures({ ...asked.note, signatures }, keys);
  return {
    note: utf8(formatNote({ ...asked.note, signatures })),
    cosigned,
    failed: answers.flatMap(({ failed }) => (failed === undefined ? [] : [failed])),
    reached: cosigned.length >= options.quorum,
  };
}

interface Asked {
  readonly note: Note;
  readonly checkpoint: Checkpoint;
  /** The note with no one's signature but the log's own: a witness needs no more, and some take little. */
  readonly submitted: Bytes;
}

function openNote(bytes: Uint8Array): Asked {
  const note = parseNote(bytes);
  const read = note.fault === undefined ? parseCheckpoint(note.value.text) : note;
  if (read.fault !== undefined) throw new QpoeError('usage', `no checkpoint to have cosigned: ${read.fault}`);
  const { text, signatures } = note.value!;
  const own = signatures.filter(({ name }) => name === read.value.origin);
  if (own.length === 0)
    throw new QpoeError(
      'usage',
      `no checkpoint to have cosigned: ${printable(read.value.origin)} did not sign it`,
    );
  return {
    note: note.value!,
    checkpoint: read.value,
    submitted: utf8(formatNote({ text, signatures: own })),
  };
}

function endpointOf(prefix: string): string {
  const url = URL.parse(prefix);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.search !== '')
    throw new QpoeError(
      'usage',
      `"${printable(prefix)}" is no URL of a witness`,
      'http:// or https://, a host, and the path that stands before /add-checkpoint',
    );
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}/add-checkpoint`;
}

type Lines = readonly NoteSignature[];
type Answer =
  | { readonly lines: Lines; readonly failed?: never }
  | { readonly lines?: never; readonly failed: FailedWitness };

/** @returns an answer for each of the keys that sign there */
async function askInTime(
  asked: Asked,
  prove: ProveConsistency,
  endpoint: string,
  targets: readonly WitnessTarget[],
  options: CosignOptions,
): Promise<readonly Answer[]> {
  const {
    signal,
    timeoutMs = TIMEOUT_MS,
    now = Date.now,
    skewMs = SKEW_MS,
    post: send = postBounded,
  } = options;
  const timeout = AbortSignal.timeout(timeoutMs);
  const post = (body: Bytes) => send(endpoint, body, AbortSignal.any([signal, timeout]));
  const oldSize = Math.min(targets[0]!.lastSize ?? 0, asked.checkpoint.size);
  let answer: Read<Uint8Array>;
  try {
    answer = await askWitness(asked, prove, oldSize, post);
  } catch (error) {
    const code = timeout.aborted ? 'timeout' : error instanceof QpoeError ? 'proof' : 'unreachable';
    answer = refuse(timeout.aborted ? `no answer within ${timeoutMs} ms` : describe(error as Error), code);
  }
  return Promise.all(
    targets.map(async (target) => {
      const { value: body } = answer;
      const lines =
        body === undefined ? answer : await readCosignatures(asked, target.vkey, body, now() + skewMs);
      return lines.fault === undefined
        ? { lines: lines.value }
        : { failed: { target, fault: lines.fault, code: lines.code } };
    }),
  );
}

/** `fetch` says only that it failed; why is in its cause. */
function describe(error: Error): string {
  const cause = error.cause as NodeJS.ErrnoException | undefined;
  return printable(cause?.code ?? cause?.message ?? error.message);
}

interface Reply {
  readonly status: number;
  readonly body: Uint8Array;
}

/** The body of a 200. @param retried whether the witness has named a size before */
async function askWitness(
  asked: Asked,
  prove: ProveConsistency,
  oldSize: number,
  post: (body: Bytes) => Promise<Reply>,
  retried = false,
): Promise<Read<Uint8Array>> {
  const { size } = asked.checkpoint;
  const proof = oldSize === 0 ? [] : prove(oldSize, size);
  const { status, body } = await post(formatAddCheckpoint({ oldSize, proof, checkpoint: asked.submitted }));
  if (status === 200) return { value: body };
  if (status !== 409) return refuse(`answered ${status}${quote(body)}`, 'status');
  const named = parseTreeSize(body);
  if (named === undefined) return refuse(`answered 409 without a size${quote(body)}`, 'conflict');
  // A copy of this log, or its key, is in use elsewhere: a fork, unless it was only ahead of this checkpoint.
  if (named > size) return refuse(`has cosigned ${named} entries, and this checkpoint has ${size}`, 'ahead');
  if (retried || named === oldSize)
    return refuse(`answered 409 to the size that it named: ${named}`, 'conflict');
  return askWitness(asked, prove, named, post, true);
}

function quote(body: Uint8Array): string {
  const line = fromUtf8(body)?.split('\n', 1)[0] ?? '';
  return line === '' ? '' : `: ${printable(line, MAX_QUOTED)}`;
}

/** The witness's own lines, each of which holds; lines of keys that no one named are left out. */
async function readCosignatures(
  { note: { text } }: Asked,
  vkey: Vkey,
  body: Uint8Array,
  latest: number,
): Promise<Read<Lines>> {
  const answered = parseNote(concatenate([utf8(`${text}\n`), body]));
  // A blank line in the answer would make another text of the checkpoint.
  if (answered.fault !== undefined || answered.value.text !== text)
    return refuse(`answered no signature lines${quote(body)}`, 'answer');
  const { name, keyId } = vkey;
  const own = answered.value.signatures.filter((line) => line.name === name && line.keyId === keyId);
  if (own.length === 0) return refuse(`answered without a signature of ${name}+${keyId}`, 'unsigned');
  for (const { signature } of own) {
    const { value: time, fault, code } = await verifyCosignature(vkey, text, signature);
    if (fault !== undefined) return { fault, code };
    if (time * 1000 > latest) return refuse('its clock is ahead of this one', 'future');
  }
  return { value: own.slice(0, 1) };
}

function refuse(fault: string, code: string): Fault {
  return { fault, code: `witness.${code}` };
}

/** A redirect is not followed: it would be another's answer, and a GET. */
async function postBounded(url: string, body: Bytes, signal: AbortSignal): Promise<Reply> {
  const response = await fetch(url, {
    method: 'POST',
    body,
    signal,
    redirect: 'manual',
    headers: { 'Content-Type': 'text/plain; charset=utf-8', 'User-Agent': 'qpoe' },
  });
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > MAX_ANSWER_BYTES) throw new Error(`an answer of more than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return { status: response.status, body: concatenate(chunks) };
}
