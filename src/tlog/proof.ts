/**
 * Log proofs (https://c2sp.org/tlog-proof): that an entry is in a log, in one file that needs nothing else.
 *
 *     c2sp.org/tlog-proof@v1\n
 *     extra <base64>\n                 where there is any; no one vouches for it
 *     index 73894\n
 *     gSKyXoYZUgZ6jduW…=\n             the inclusion proof, from the leaf's sibling up
 *     \n
 *     <checkpoint, with its signatures>
 */

import { type Bytes, concatenate, fromBase64, fromUtf8, toBase64, utf8 } from '../core/bytes.ts';
import { parseCount } from './checkpoint.ts';
import type { Fault, Read } from './fault.ts';
import { HASH_BYTES } from './merkle.ts';
import { MAX_NOTE_BYTES } from './note.ts';

export interface LogProof {
  /** Unauthenticated: whoever passed the proof on may have put it there. */
  readonly extra?: Bytes;
  readonly index: number;
  readonly hashes: readonly Bytes[];
  /** A signed note, not judged yet. */
  readonly checkpoint: Bytes;
}

const HEADER = 'c2sp.org/tlog-proof@v1';
const MAX_HASHES = 63;
/** What stands above the checkpoint is not longer than a checkpoint may be. */
const MAX_BYTES = 2 * MAX_NOTE_BYTES;

/** The parts of a log proof; neither its hashes nor its checkpoint is judged yet. */
export function parseLogProof(bytes: Uint8Array): Read<LogProof> {
  if (bytes.length > MAX_BYTES) return malformed(`is longer than ${MAX_BYTES} bytes`, 'size');
  const text = fromUtf8(bytes);
  if (text === undefined) return malformed('is not UTF-8', 'utf8');
  const blank = text.indexOf('\n\n');
  if (blank < 0) return malformed('has no checkpoint', 'syntax');
  const [header, ...lines] = text.slice(0, blank).split('\n');
  if (header !== HEADER) return malformed(`does not begin with ${HEADER}`, 'header');
  const extra = readField(lines, 'extra', fromBase64);
  if (extra === 'malformed') return malformed('has an extra line that is not base64', 'extra');
  const index = readField(lines, 'index', parseCount);
  if (index === undefined || index === 'malformed')
    return malformed('has no index from 0 to 2^53−1', 'index');
  if (lines.length > MAX_HASHES) return malformed(`has more than ${MAX_HASHES} hashes`, 'count');
  const hashes = lines.map(fromBase64);
  if (!hashes.every((hash) => hash?.length === HASH_BYTES))
    return malformed('has a line that is no hash', 'hash');
  const checkpoint = utf8(text.slice(blank + 2));
  return {
    value: { ...(extra === undefined ? {} : { extra }), index, hashes: hashes as Bytes[], checkpoint },
  };
}

/** Takes the first line away where it is this field, and reads it. */
function readField<T>(
  lines: string[],
  name: string,
  read: (text: string) => T | undefined,
): T | undefined | 'malformed' {
  if (!lines[0]?.startsWith(`${name} `)) return undefined;
  return read(lines.shift()!.slice(name.length + 1)) ?? 'malformed';
}

/** The file, of which `parseLogProof` reads the same. */
export function formatLogProof({ extra, index, hashes, checkpoint }: LogProof): Bytes {
  const lines = [
    HEADER,
    ...(extra === undefined ? [] : [`extra ${toBase64(extra)}`]),
    `index ${index}`,
    ...hashes.map(toBase64),
    '\n',
  ];
  return concatenate([utf8(lines.join('\n')), checkpoint]);
}

function malformed(what: string, code: string): Fault {
  return { fault: `the log proof ${what}`, code: `log-proof.${code}` };
}
