/**
 * A receipt's sidecar (AIIR SPEC.md, `receipt.cddl` §A): its core in deterministic CBOR (RFC 8949 section 4.2), in an envelope.
 *
 *     a5  64 "core" {…}  64 "kind" "aiir.commit_receipt.core"  64 "type" "aiir.canonical_object"
 *         66 "schema" "aiir/canonical_object.v1"  6d "object_schema" "aiir/commit_receipt.v2"
 *
 * It states no hash of its own: alone it says what a core is, beside its JSON receipt that both are the same.
 * Byte strings, tags and floating-point numbers a core doesn't have (SPEC.md §6.5).
 */

import { equalBytes, fromUtf8, utf8 } from '../core/bytes.ts';
import { type PythonObject, type PythonValue, pythonText } from '../core/python-json.ts';
import { CborError, readCbor } from './cbor.ts';
import { type Fault, isObject, MAX_DEPTH, objectAt, type Receipt, textAt } from './receipt.ts';

const MAX_BYTES = 10 * 1024 * 1024;
/** Of numbers, texts, names and so on: small ones take 250 times their size in memory. A receipt has some hundreds. */
const MAX_ITEMS = 400_000;

export type ReadCore =
  | { readonly value: PythonObject; readonly fault?: never; readonly code?: never }
  | (Fault & { readonly value?: never });

/** The core in a sidecar, or why the file holds none. */
export function readCoreCbor(bytes: Uint8Array): ReadCore {
  if (bytes.length > MAX_BYTES)
    return { fault: `${bytes.length} bytes of CBOR, over the limit of ${MAX_BYTES}`, code: 'cbor.size' };
  try {
    return readEnvelope(readCbor(bytes, { depth: MAX_DEPTH, items: MAX_ITEMS }));
  } catch (error) {
    if (error instanceof CborError) return { fault: error.message, code: error.code };
    throw error;
  }
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
