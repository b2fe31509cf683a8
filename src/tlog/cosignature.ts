/**
 * Cosignatures (https://c2sp.org/tlog-cosignature): a witness's statement that it saw a log's tree, consistent with all it
 * had seen before, at a time of its own clock. They stand below a checkpoint, as its signatures do:
 *
 *     — <witness> base64(key id ‖ time (u64be, seconds since 1970) ‖ signature)\n
 *
 *     type 04, Ed25519 over       cosignature/v1\n
 *                                 time <seconds>\n
 *                                 <the whole text of the checkpoint>
 *     type 06, ML-DSA-44 over     "subtree/v1\n\0" ‖ u8 length ‖ witness ‖ u64 time ‖ u8 length ‖ origin ‖ u64 0 ‖ u64 size ‖ root
 */

import { type Bytes, concatenate, toHex, utf8 } from '../core/bytes.ts';
import { verifyEd25519 } from '../core/ed25519.ts';
import { verifyMlDsa44 } from '../core/ml-dsa-44.ts';
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts';
import type { Fault, Read } from './fault.ts';
import type { Note } from './note.ts';
import type { Vkey } from './vkey.ts';

const TIME_BYTES = 8;
/** 9999-12-31T23:59:59Z: beyond it a time has no RFC 3339 form, and no witness has been there. */
const MAX_TIME = 253_402_300_799;

/** What a `cosignature-ed25519` key signs. @param text of the checkpoint's note */
export function ed25519CosignedMessage(text: string, time: number): Bytes {
  return utf8(`cosignature/v1\ntime ${time}\n${text}`);
}

/** What a `cosignature-ml-dsa-44` key signs: the name is in it, the checkpoint's extension lines are not. */
export function mlDsa44CosignedMessage(
  name: string,
  { origin, size, root }: Checkpoint,
  time: number,
): Bytes {
  return concatenate([
    utf8('subtree/v1\n\0'),
    opaque(name),
    u64(time),
    opaque(origin),
    u64(0),
    u64(size),
    root,
  ]);
}

function opaque(text: string): Bytes {
  const bytes = utf8(text);
  return Uint8Array.of(bytes.length, ...bytes);
}

function u64(count: number): Bytes {
  const bytes = new Uint8Array(TIME_BYTES);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(count));
  return bytes;
}

/** What a note's signature line holds after the key id. */
export function formatCosignature(time: number, signature: Uint8Array): Bytes {
  return concatenate([u64(time), signature]);
}

export interface TimedSignature {
  /** Seconds since 1970. */
  readonly time: number;
  readonly signature: Bytes;
}

/**
 * What a signature line holds after the key id; undefined where it is too short, or states no usable time. Time 0 states
 * none (ML-DSA-44 cosigners of subtrees use it): it would make everything older than anything.
 */
export function readTimedSignature(cosignature: Bytes): TimedSignature | undefined {
  if (cosignature.length <= TIME_BYTES) return undefined;
  const time = new DataView(cosignature.buffer, cosignature.byteOffset).getBigUint64(0);
  if (time === 0n || time > MAX_TIME) return undefined;
  return { time: Number(time), signature: cosignature.slice(TIME_BYTES) };
}

/**
 * The time that a cosignature states, once it is the key's over this checkpoint.
 * @param text of a note
 * @param cosignature as its signature line holds it
 */
export async function verifyCosignature(vkey: Vkey, text: string, cosignature: Bytes): Promise<Read<number>> {
  const read = readTimedSignature(cosignature);
  if (read === undefined) return refuse(vkey, 'states no time between 1970 and the year 9999', 'time');
  return (await isSignedBy(vkey, text, read))
    ? { value: read.time }
    : refuse(vkey, 'is not over this checkpoint and time', 'invalid');
}

async function isSignedBy(vkey: Vkey, text: string, { time, signature }: TimedSignature): Promise<boolean> {
  if (vkey.type === 'cosignature-ed25519')
    return verifyEd25519(vkey.publicKey, signature, ed25519CosignedMessage(text, time));
  const { value: checkpoint } = parseCheckpoint(text);
  if (vkey.type !== 'cosignature-ml-dsa-44' || checkpoint === undefined) return false;
  // One byte counts their length: a longer one would be read as another name, and what follows it.
  if ([vkey.name, checkpoint.origin].some((name) => utf8(name).length > 255)) return false;
  const message = mlDsa44CosignedMessage(vkey.name, checkpoint, time);
  return verifyMlDsa44(vkey.publicKey, signature, message);
}

export interface Cosigned {
  readonly vkey: Vkey;
  /** Seconds since 1970. */
  readonly time: number;
}

interface CosignatureFault extends Fault {
  readonly vkey: Vkey;
}

export interface Cosignatures {
  /** Each witness once, with the earliest time that it states. */
  readonly cosigned: readonly Cosigned[];
  /** Of lines that carry a known witness's name and key id. A note with one of them is not to be relied on. */
  readonly faults: readonly CosignatureFault[];
}

/**
 * Which of `witnesses` cosigned the checkpoint. Lines of others are passed over. A witness is its public key: under two
 * names, or on two lines, it is still one, and can't make up a quorum by itself.
 */
export async function collectCosignatures(
  { text, signatures }: Note,
  witnesses: readonly Vkey[],
): Promise<Cosignatures> {
  const cosigned = new Map<string, Cosigned>();
  const faults: CosignatureFault[] = [];
  for (const vkey of distinctKeys(witnesses))
    for (const { signature } of signatures.filter((line) => isLineOf(line, vkey))) {
      const { value: time, fault, code } = await verifyCosignature(vkey, text, signature);
      if (fault !== undefined) faults.push({ vkey, fault, code });
      else keepEarliest(cosigned, { vkey, time });
    }
  return { cosigned: [...cosigned.values()], faults };
}

function isLineOf({ name, keyId }: { readonly name: string; readonly keyId: string }, vkey: Vkey): boolean {
  return name === vkey.name && keyId === vkey.keyId;
}

/** A key that is listed twice in the same form would have each of its lines verified twice. */
function distinctKeys(witnesses: readonly Vkey[]): readonly Vkey[] {
  return [
    ...new Map(witnesses.map((vkey) => [`${vkey.name}+${vkey.keyId}+${witnessId(vkey)}`, vkey])).values(),
  ];
}

function keepEarliest(cosigned: Map<string, Cosigned>, found: Cosigned): void {
  const id = witnessId(found.vkey);
  if (found.time < (cosigned.get(id)?.time ?? Number.POSITIVE_INFINITY)) cosigned.set(id, found);
}

/** The same for every name that a witness goes by. */
export function witnessId({ publicKey }: Vkey): string {
  return toHex(publicKey);
}

/**
 * When the quorum was reached: the `quorum`-th smallest time, because fewer liars than that can't move it before the first
 * honest witness's. Undefined where there are not so many.
 */
export function quorumTime(times: readonly number[], quorum: number): number | undefined {
  return quorum < 1 ? undefined : times.toSorted((a, b) => a - b)[quorum - 1];
}

function refuse({ name, keyId }: Vkey, what: string, code: string): Fault {
  return { fault: `the cosignature of ${name}+${keyId} ${what}`, code: `cosignature.${code}` };
}
