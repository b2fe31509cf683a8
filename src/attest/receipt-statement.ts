/**
 * An AIIR receipt in an in-toto Statement v1, as `aiir --in-toto --json` prints it:
 *
 *     {"_type":"https://in-toto.io/Statement/v1","predicateType":"https://invariantsystems.io/predicates/aiir/commit_receipt/v1",
 *      "subject":[{"name":"<origin>@<sha>","digest":{"gitCommit":"<sha>"}}],"predicate":<the receipt>}
 *
 * The Statement hashes nothing: only a signature over it ties the receipt to its subjects.
 */

import type { PythonObject, PythonValue } from '../core/python-json.ts';
import { type Fault, isObject, type Receipt, readReceipt, textAt } from './receipt.ts';
import { STATEMENT_TYPE } from './statement.ts';

const PREDICATES = 'https://invariantsystems.io/predicates/aiir/commit_receipt/';
/** What the reference writes, of receipts of either schema. */
export const RECEIPT_PREDICATE = `${PREDICATES}v1`;
const MAX_SUBJECTS = 1000;

export interface ReceiptSubject {
  readonly name: string | undefined;
  /** By algorithm: `gitCommit`, `sha256` … */
  readonly digest: ReadonlyMap<string, string>;
}

export interface ReceiptStatement {
  readonly predicateType: string;
  readonly subjects: readonly ReceiptSubject[];
}

export type ReadReceiptStatement =
  | {
      readonly value: { readonly receipt: Receipt; readonly statement: ReceiptStatement };
      readonly fault?: never;
      readonly code?: never;
    }
  | (Fault & { readonly value?: never });

/** Whether a value means to be a receipt's Statement, of whatever version. */
export function isReceiptStatementLike(value: unknown): value is PythonObject {
  return isObject(value) && textAt(value, 'predicateType')?.startsWith(PREDICATES) === true;
}

/** @param value for which `isReceiptStatementLike` holds */
export function readReceiptStatement(value: PythonObject): ReadReceiptStatement {
  const predicateType = textAt(value, 'predicateType')!;
  if (value._type !== STATEMENT_TYPE) return { fault: 'no in-toto Statement v1', code: 'statement.shape' };
  if (predicateType !== RECEIPT_PREDICATE && predicateType !== `${PREDICATES}v2`)
    return {
      fault: 'the predicate is a receipt of a version that is not known',
      code: 'statement.predicate',
    };
  const subjects = readSubjects(value.subject);
  if (subjects === undefined)
    return { fault: 'subject is no list of names with digests', code: 'statement.subject' };
  const { value: receipt, fault, code } = readReceipt(value.predicate ?? null);
  return fault === undefined
    ? { value: { receipt, statement: { predicateType, subjects } } }
    : { fault: `predicate: ${fault}`, code };
}

function readSubjects(value: PythonValue | undefined): ReceiptSubject[] | undefined {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_SUBJECTS) return undefined;
  const subjects = value.map(readSubject);
  return subjects.every((subject) => subject !== undefined) ? subjects : undefined;
}

function readSubject(value: PythonValue): ReceiptSubject | undefined {
  if (!isObject(value) || !isObject(value.digest)) return undefined;
  const digests = Object.entries(value.digest);
  if (digests.length === 0 || digests.some(([, digest]) => typeof digest !== 'string')) return undefined;
  return { name: textAt(value, 'name'), digest: new Map(digests as [string, string][]) };
}

/**
 * Whether the Statement is about the receipt's commit: a subject names it, and none names another. A predicate speaks of
 * every subject, so a second commit would be vouched for by a receipt that says nothing of it.
 */
export function checkReceiptSubject(receipt: Receipt, { subjects }: ReceiptStatement): Fault | undefined {
  const commits = subjects.map(({ digest }) => digest.get('gitCommit')).filter((sha) => sha !== undefined);
  if (commits.length === 0) return { fault: 'no subject is a commit', code: 'receipt.subject' };
  return commits.every((sha) => sha === receipt.commitSha)
    ? undefined
    : { fault: 'a subject is another commit than the receipt’s', code: 'receipt.subject' };
}

/** What the Statement is about besides commits, such as the manifest of a workload. */
export function extraSubjects({ subjects }: ReceiptStatement): readonly ReceiptSubject[] {
  return subjects.filter(({ digest }) => !digest.has('gitCommit'));
}
