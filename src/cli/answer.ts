/** The `--json` answer: one object on one line, with its type. */

import { answerType } from '../core/identifiers.ts';
import { escapeUnsafe } from '../core/printable.ts';

/** In JSON only strings hold anything but ASCII, so whatever a terminal would act on can be written as its escape. */
export function answerText(command: string, content: object): string {
  return escapeUnsafe(
    JSON.stringify({ type: answerType(command), ...content }),
    (unit) => `\\u${unit.toString(16).padStart(4, '0')}`,
  );
}
