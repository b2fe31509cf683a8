/**
 * A file of AIIR receipts (SPEC.md §10): one receipt, an array of up to 1,000, each bare or in an in-toto Statement, or the
 * CBOR sidecar of one, which holds its core alone.
 *
 * Laxer than our own formats where the reference is: unknown `aiir/…` schemas, members that no schema has, deep extensions.
 * Stricter where two readers could see two files: duplicate members, `NaN`, lone surrogates, doubles that overflow or vanish,
 * members named `__proto__`, a version that ends in a line break. And an empty array is no evidence of anything.
 */

import { JsonError } from '../core/json.ts';
import { type PythonValue, parsePythonJson } from '../core/python-json.ts';
import { type Fault, isObject, RECEIPT_TYPE, type Receipt, readReceipt, textAt } from './receipt.ts';
import { isReceiptCbor, readCoreCbor } from './receipt-cbor.ts';
import { isReceiptStatementLike, type ReceiptStatement, readReceiptStatement } from './receipt-statement.ts';

/** Python crashes on JSON nested a thousand deep; the limit of 64 is the core's own. */
const LIMITS = { bytes: 50 * 1024 * 1024, depth: 1000, items: 1_000_000 };
const MAX_RECEIPTS = 1000;

interface FoundReceipt {
  readonly receipt: Receipt;
  /** What it came in, if anything. */
  readonly statement: ReceiptStatement | undefined;
}

export interface Receipts {
  /** Of a `cbor` one, no hash is stated and nothing of it can be checked but beside its JSON (`checkSidecar`). */
  readonly encoding: 'json' | 'cbor';
  /** At least one. */
  readonly found: readonly FoundReceipt[];
}

export type ReadReceipts =
  | { readonly value: Receipts; readonly fault?: never; readonly code?: never }
  | (Fault & { readonly value?: never });

/** Every receipt in a file, or why one of them is none: no hash is judged here. */
export function readReceipts(bytes: Uint8Array): ReadReceipts {
  if (isReceiptCbor(bytes)) return readCborReceipt(bytes);
  let value: PythonValue;
  try {
    value = parsePythonJson(bytes, LIMITS);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return { fault: error.message, code: error.code };
  }
  return readJsonReceipts(value);
}

function readCborReceipt(bytes: Uint8Array): ReadReceipts {
  const core = readCoreCbor(bytes);
  if (core.fault !== undefined) return core;
  const { value: receipt, fault, code } = readReceipt(core.value);
  return fault === undefined
    ? { value: { encoding: 'cbor', found: [{ receipt, statement: undefined }] } }
    : { fault, code };
}

function readJsonReceipts(value: PythonValue): ReadReceipts {
  const values: readonly PythonValue[] = Array.isArray(value) ? value : [value];
  if (values.length === 0) return { fault: 'an array without a receipt', code: 'receipt.count' };
  if (values.length > MAX_RECEIPTS)
    return { fault: `${values.length} receipts, over the limit of ${MAX_RECEIPTS}`, code: 'receipt.count' };
  const found: FoundReceipt[] = [];
  for (const [i, item] of values.entries()) {
    const read = readOne(item);
    if (read.fault !== undefined)
      return { fault: Array.isArray(value) ? `item ${i}: ${read.fault}` : read.fault, code: read.code };
    found.push(read.value);
  }
  return { value: { encoding: 'json', found } };
}

type ReadOne =
  | { readonly value: FoundReceipt; readonly fault?: never; readonly code?: never }
  | (Fault & { readonly value?: never });

function readOne(value: PythonValue): ReadOne {
  if (isReceiptStatementLike(value)) return readReceiptStatement(value);
  const { value: receipt, fault, code } = readReceipt(value);
  return fault === undefined ? { value: { receipt, statement: undefined } } : { fault, code };
}

/** Whether a parsed file means to be receipts: then it holds some or it is malformed, and nothing else. */
export function isReceiptLike(value: unknown): boolean {
  return Array.isArray(value) ? value.some(isOneReceiptLike) : isOneReceiptLike(value);
}

function isOneReceiptLike(value: unknown): boolean {
  if (isReceiptStatementLike(value)) return true;
  if (!isObject(value)) return false;
  return (
    value.type === RECEIPT_TYPE ||
    textAt(value, 'schema')?.startsWith('aiir/') === true ||
    // One whose labels were taken away: it fails, and is not passed over.
    ['commit', 'ai_attestation', 'provenance'].every((name) => Object.hasOwn(value, name))
  );
}

/** The same of a file that a strict parser refuses, or that is CBOR: by its first bytes, however broken it is. */
export function looksLikeReceipts(bytes: Uint8Array): boolean {
  if (isReceiptCbor(bytes)) return true;
  const head = new TextDecoder().decode(bytes.subarray(0, 1_000_000));
  return /"aiir\.commit_receipt"|"schema"\s*:\s*"aiir\/|\/predicates\/aiir\/commit_receipt\//.test(head);
}
