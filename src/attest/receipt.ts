/**
 * AIIR commit receipts (invariant-systems-ai/aiir, SPEC.md): what a generator says about one git commit.
 *
 *     {"type":"aiir.commit_receipt","schema":"aiir/commit_receipt.v2","version":"1.2.5",
 *      "commit":{"sha":"…",…},"ai_attestation":{…},"provenance":{…},                        the core: these six
 *      "receipt_id":"g1-…","content_hash":"sha256:…","timestamp":"…","extensions":{…}}
 *
 *     content_hash = "sha256:" + hex SHA-256(canonical core)     receipt_id = "g1-" + its first 32 digits
 *
 * where the canonical core is `json.dumps(core, sort_keys=True, separators=(",", ":"), ensure_ascii=True)`. Nothing else is
 * hashed, and anyone can hash: without a signature a receipt proves integrity, never who wrote it, and its `extensions`
 * not even that. As in the reference, what a core holds beyond `type`, `schema` and `version` is not judged.
 */

import { type Bytes, equalBytes, toHex, utf8 } from '../core/bytes.ts';
import { sha256 } from '../core/digest.ts';
import { printable } from '../core/printable.ts';
import { isPythonNumber, type PythonObject, type PythonValue, pythonText } from '../core/python-json.ts';

export interface Receipt {
  readonly schema: string;
  /** Of the generating tool. */
  readonly version: string;
  /** As stated. Undefined where nothing is: then `checkReceiptHash` doesn't hold. */
  readonly receiptId: string | undefined;
  readonly contentHash: string | undefined;
  readonly commitSha: string | undefined;
  readonly repository: string | undefined;
  readonly generator: string | undefined;
  readonly authorship: Authorship;
  /** What its writer says in the extensions, outside the hash. */
  readonly agent: DeclaredAgent | undefined;
  /** As its writer says, outside the hash: never evidence of when anything was. */
  readonly timestamp: string | undefined;
  /** The bytes that the hash covers. */
  readonly core: Bytes;
  /** All of it. */
  readonly value: PythonObject;
}

/** `ai_attestation`: hashed. Each is undefined where it isn't there, or is of another type. */
interface Authorship {
  readonly aiAuthored: boolean | undefined;
  readonly botAuthored: boolean | undefined;
  /** `human`, `ai_assisted`, `bot`, `ai+bot` … */
  readonly authorshipClass: string | undefined;
  readonly signals: readonly string[];
  readonly botSignals: readonly string[];
  /** How it was found out: `heuristic_v2` is the reference's, other generators name their own. */
  readonly detectionMethod: string | undefined;
}

/** `extensions.agent_attestation`. */
interface DeclaredAgent {
  readonly tool: string | undefined;
  readonly toolVersion: string | undefined;
  readonly model: string | undefined;
  readonly context: string | undefined;
  readonly confidence: string | undefined;
}

export interface Fault {
  readonly fault: string;
  readonly code: string;
}

export const RECEIPT_TYPE = 'aiir.commit_receipt';
export const CORE_KEYS = ['type', 'schema', 'version', 'commit', 'ai_attestation', 'provenance'];
const VERSION = /^[0-9]+\.[0-9]+\.[0-9]+([.+-][0-9a-zA-Z.+-]*)?$/;
export const MAX_DEPTH = 64;

export type ReadReceipt =
  | { readonly value: Receipt; readonly fault?: never; readonly code?: never }
  | (Fault & { readonly value?: never });

/** The receipt that a value is, or why the reference would refuse it before it looks at any hash. */
export function readReceipt(value: PythonValue): ReadReceipt {
  if (!isObject(value)) return { fault: 'receipt is not an object', code: 'receipt.shape' };
  const { type, schema, version } = value;
  if (type !== RECEIPT_TYPE) return { fault: `unknown receipt type${quoted(type)}`, code: 'receipt.type' };
  if (typeof schema !== 'string' || !schema.startsWith('aiir/'))
    return { fault: `unknown schema${quoted(schema)}`, code: 'receipt.schema' };
  if (typeof version !== 'string' || !VERSION.test(version))
    return { fault: `invalid version format${quoted(version)}`, code: 'receipt.version' };
  const core = coreOf(value);
  if (isDeeper(core, MAX_DEPTH))
    return { fault: `receipt structure nested deeper than ${MAX_DEPTH}`, code: 'receipt.depth' };
  return { value: describe(value, schema, version, utf8(pythonText(core, true))) };
}

function describe(value: PythonObject, schema: string, version: string, core: Bytes): Receipt {
  const provenance = objectAt(value, 'provenance');
  const agent = objectAt(objectAt(value, 'extensions'), 'agent_attestation');
  return {
    schema,
    version,
    receiptId: textAt(value, 'receipt_id'),
    contentHash: textAt(value, 'content_hash'),
    commitSha: textAt(objectAt(value, 'commit'), 'sha'),
    repository: textAt(provenance, 'repository'),
    generator: textAt(provenance, 'generator'),
    authorship: readAuthorship(objectAt(value, 'ai_attestation')),
    agent: agent && readAgent(agent),
    timestamp: textAt(value, 'timestamp'),
    core,
    value,
  };
}

function readAuthorship(value: PythonObject | undefined): Authorship {
  return {
    aiAuthored: flagAt(value, 'is_ai_authored'),
    botAuthored: flagAt(value, 'is_bot_authored'),
    authorshipClass: textAt(value, 'authorship_class'),
    signals: textsAt(value, 'signals_detected'),
    botSignals: textsAt(value, 'bot_signals_detected'),
    detectionMethod: textAt(value, 'detection_method'),
  };
}

function readAgent(value: PythonObject): DeclaredAgent {
  return {
    tool: textAt(value, 'tool_id'),
    toolVersion: textAt(value, 'tool_version'),
    model: textAt(value, 'model_class'),
    context: textAt(value, 'run_context'),
    confidence: textAt(value, 'confidence'),
  };
}

/**
 * Whether the stated hash and id are the core's. Compared in constant time, and what they should have been is never said:
 * a forger could splice it in.
 */
export function checkReceiptHash({ core, contentHash, receiptId }: Receipt): Fault | undefined {
  const hex = toHex(sha256(core));
  const hashHolds = equalBytes(utf8(contentHash ?? ''), utf8(`sha256:${hex}`));
  const idHolds = equalBytes(utf8(receiptId ?? ''), utf8(`g1-${hex.slice(0, 32)}`));
  if (hashHolds && idHolds) return undefined;
  return {
    fault: [
      ...(hashHolds ? [] : ['content hash mismatch']),
      ...(idHolds ? [] : ['receipt_id mismatch']),
    ].join(', '),
    code: hashHolds ? 'receipt.id' : 'receipt.content_hash',
  };
}

/** The six members that are hashed, those that are there. */
function coreOf(value: PythonObject): PythonObject {
  return Object.fromEntries(
    CORE_KEYS.filter((name) => Object.hasOwn(value, name)).map((name) => [name, value[name]!]),
  );
}

/** Whether anything in a value, leaves too, lies more than `limit` levels below it: the reference's measure. */
export function isDeeper(value: PythonValue, limit: number): boolean {
  if (limit < 0) return true;
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some((item) => isDeeper(item as PythonValue, limit - 1));
}

export function isObject(value: unknown): value is PythonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isPythonNumber(value);
}

export function objectAt(value: PythonObject | undefined, name: string): PythonObject | undefined {
  const member = memberAt(value, name);
  return isObject(member) ? member : undefined;
}

export function textAt(value: PythonObject | undefined, name: string): string | undefined {
  const member = memberAt(value, name);
  return typeof member === 'string' ? member : undefined;
}

function flagAt(value: PythonObject | undefined, name: string): boolean | undefined {
  const member = memberAt(value, name);
  return typeof member === 'boolean' ? member : undefined;
}

function textsAt(value: PythonObject | undefined, name: string): string[] {
  const member = memberAt(value, name);
  return Array.isArray(member) ? member.filter((item) => typeof item === 'string') : [];
}

/** Never what every object inherits: `constructor` is no member. */
function memberAt(value: PythonObject | undefined, name: string): PythonValue | undefined {
  return value !== undefined && Object.hasOwn(value, name) ? value[name] : undefined;
}

function quoted(value: PythonValue | undefined): string {
  return typeof value === 'string' ? ` "${printable(value, 100)}"` : '';
}
