/** What every other part stands on: bytes, digests, strict JSON, RFC 8785, times, errors. Pure: it runs in a browser as it is. */

export { type Bytes, fromBase64, fromHex, fromUtf8, toBase64, toHex, utf8 } from './bytes.ts';
export { type Digest, digestBytes, digestOf } from './digest.ts';
export { type ErrorCode, QpoeError } from './error.ts';
export { canonicalBytes, canonicalText } from './jcs.ts';
export { JsonError, type JsonErrorCode, type JsonObject, type JsonValue, parseJsonBytes } from './json.ts';
export { printable } from './printable.ts';
export type { Shaped } from './shape.ts';
export { ed25519Spki } from './spki.ts';
export { formatTime, parseTime } from './time.ts';
