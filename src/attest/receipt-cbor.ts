/**
 * A receipt's sidecar (AIIR SPEC.md, `receipt.cddl` §A): its core in deterministic CBOR (RFC 8949 section 4.2), in an envelope.
 *
 *     a5  64 "core" {…}  64 "kind" "aiir.commit_receipt.core"  64 "type" "aiir.canonical_object"
 *         66 "schema" "aiir/canonical_object.v1"  6d "object_schema" "aiir/commit_receipt.v2"
 *
 * It states no hash of its own: alone it says what a core is, beside its JSON receipt that both are the same.
 *
 * The decoder takes one encoding of a value only: shortest forms, definite lengths, sorted names, nothing after the end. No
 * byte strings, tags or floating-point numbers, which a core doesn't have (SPEC.md §6.5).
 */

import { type DecodeOptions, decode, encode, rfc8949EncodeOptions, Token, Tokenizer, Type } from 'cborg';
import { equalBytes, fromUtf8, utf8 } from '../core/bytes.ts';
import { type PythonObject, type PythonValue, pythonText, toPythonInt } from '../core/python-json.ts';
import { type Fault, isObject, MAX_DEPTH, objectAt, type Receipt, textAt } from './receipt.ts';

const MAX_BYTES = 10 * 1024 * 1024;
/** Of numbers, texts, names and so on: small ones take 250 times their size in memory. A receipt has some hundreds. */
const MAX_ITEMS = 400_000;
const STRICTEST: DecodeOptions = {
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowBigInt: true,
  rejectDuplicateMapKeys: true,
  retainStringBytes: true,
};

export type ReadCore =
  | { readonly value: PythonObject; readonly fault?: never; readonly code?: never }
  | (Fault & { readonly value?: never });

/** The core in a sidecar, or why the file holds none. */
export function readCoreCbor(bytes: Uint8Array): ReadCore {
  if (bytes.length > MAX_BYTES)
    return { fault: `${bytes.length} bytes of CBOR, over the limit of ${MAX_BYTES}`, code: 'cbor.size' };
  let decoded: unknown;
  try {
    decoded = decode(bytes, { ...STRICTEST, tokenizer: bounded(new Tokenizer(bytes, STRICTEST)) });
    // What the decoder lets pass is the order of names.
    if (!equalBytes(encode(decoded, rfc8949EncodeOptions), bytes))
      return { fault: 'not deterministic CBOR', code: 'cbor.canonical' };
  } catch (error) {
    // The library's errors have no class of their own.
    return { fault: (error as Error).message, code: 'cbor.syntax' };
  }
  return readEnvelope(fromCbor(decoded));
}

type Items = Pick<Tokenizer, 'done' | 'next' | 'pos'>;

/** The library recurses as deep as its input says, takes any type, and swallows byte order marks and broken UTF-8. */
function bounded(tokenizer: Tokenizer): Items {
  /** How many items each open array or map still takes. */
  const open: number[] = [];
  let items = 0;
  return {
    done: () => tokenizer.done(),
    pos: () => tokenizer.pos(),
    next() {
      const token = tokenizer.next();
      if (++items > MAX_ITEMS) throw new Error(`CBOR of over ${MAX_ITEMS} items`);
      while (open.at(-1) === 0) open.pop();
      if (open.length > 0) open[open.length - 1]!--;
      if (token.type === Type.array || token.type === Type.map) {
        open.push(token.type === Type.map ? 2 * token.value : token.value);
        if (open.length > MAX_DEPTH) throw new Error(`CBOR nested deeper than ${MAX_DEPTH}`);
      }
      return checkedToken(token);
    },
  };
}

function checkedToken(token: Token): Token {
  if (token.type === Type.float || token.type === Type.bytes)
    throw new Error(`CBOR of a type that a receipt doesn't have: ${token.type.name}`);
  if (token.type !== Type.string || token.byteValue === undefined) return token;
  const text = fromUtf8(token.byteValue);
  if (text === undefined) throw new Error('CBOR text that is not UTF-8');
  return new Token(Type.string, text, token.encodedLength);
}

function fromCbor(value: unknown): PythonValue {
  if (typeof value === 'number' || typeof value === 'bigint') return toPythonInt(BigInt(value));
  if (Array.isArray(value)) return value.map(fromCbor);
  if (typeof value !== 'object' || value === null) return value as string | boolean | null;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, fromCbor(item)]));
}

function readEnvelope(envelope: PythonValue): ReadCore {
  const core = isObject(envelope) ? objectAt(envelope, 'core') : undefined;
  return core !== undefined && isEnvelopeOf(envelope as PythonObject, core)
    ? { value: core }
    : { fault: 'CBOR, but not the envelope of a receipt’s core', code: 'cbor.envelope' };
}

function isEnvelopeOf(envelope: PythonObject, core: PythonObject): boolean {
  return (
    Object.keys(envelope).length === 5 &&
    envelope.type === 'aiir.canonical_object' &&
    envelope.schema === 'aiir/canonical_object.v1' &&
    envelope.kind === `${textAt(core, 'type')}.core` &&
    envelope.object_schema === textAt(core, 'schema')
  );
}

/** Whether a `.cbor` file beside a receipt holds that receipt's core. Both are the only encoding of what they hold. */
export function checkSidecar(receipt: Receipt, sidecar: Uint8Array): Fault | undefined {
  const { value: core, fault, code } = readCoreCbor(sidecar);
  if (fault !== undefined) return { fault, code };
  return equalBytes(receipt.core, utf8(pythonText(core, true)))
    ? undefined
    : { fault: 'the CBOR sidecar is of another core', code: 'receipt.sidecar' };
}

/** The first bytes of a map whose first name is `core`, in whatever encoding of its length. */
export function isReceiptCbor(bytes: Uint8Array): boolean {
  return bytes[0] !== undefined && bytes[0] >> 5 === 5 && fromUtf8(bytes.subarray(1, 6)) === 'dcore';
}
