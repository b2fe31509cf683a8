/** Exit codes (docs/cli.md), and errors as one line. */

import type { ErrorCode, QpoeError } from '../core/error.ts';
import { printable } from '../core/printable.ts';

export const EXIT = { pass: 0, fail: 1, usage: 2, inconclusive: 3, external: 4, interrupted: 130 } as const;
/** For people: the manual and docs/cli-reference.md. */
export const EXIT_MEANINGS: Readonly<Record<ExitCode, string>> = {
  0: 'pass, or done; of `compare`, `replay` and `reproduce`: they agree',
  1: 'a check failed, or the content is malformed; results differ',
  2: "usage, or a file that can't be read, or nothing to verify",
  3: "inconclusive: intact, but signer unknown, incomplete, or of a newer format; it can't be said whether results agree",
  4: 'something outside failed: an SDK, a service, git, the disk',
  130: 'interrupted',
};
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const BY_CODE: Readonly<Record<ErrorCode, ExitCode>> = {
  usage: EXIT.usage,
  unreadable: EXIT.usage,
  unsafe: EXIT.usage,
  refused: EXIT.usage,
  external: EXIT.external,
  interrupted: EXIT.interrupted,
};

export function exitCodeOf(error: QpoeError): ExitCode {
  return BY_CODE[error.code];
}

/** Of several files: 1 before 2 before 4 before 3 before 0. */
export function worstExit(codes: Iterable<ExitCode>): ExitCode {
  const seen = new Set(codes);
  return (
    [EXIT.interrupted, EXIT.fail, EXIT.usage, EXIT.external, EXIT.inconclusive].find((code) =>
      seen.has(code),
    ) ?? EXIT.pass
  );
}

/** What, where and what next, on one line. */
export function errorLine(error: QpoeError): string {
  const message = printable(error.message, 2000);
  return error.hint === undefined ? message : `${message}; ${printable(error.hint, 2000)}`;
}
