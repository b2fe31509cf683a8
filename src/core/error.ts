/**
 * What went wrong, as a closed set. Evidence that doesn't hold is never an error: it is a failed check.
 *
 * - `usage`: the request can't be meant (a flag, a value, a file that isn't what it must be)
 * - `unreadable`: a named file or folder can't be read
 * - `unsafe`: a key, policy or home that someone else could have written or read
 * - `refused`: understood, and not done, because the outcome would be wrong or too large
 * - `external`: something outside failed (an SDK, a service, the disk)
 * - `interrupted`: the person stopped it
 */
export type ErrorCode = 'usage' | 'unreadable' | 'unsafe' | 'refused' | 'external' | 'interrupted';

/** An error with one clear line (what and where) and, as `hint`, the next step. */
export class QpoeError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, hint?: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'QpoeError';
    this.code = code;
    this.hint = hint;
  }
}
