/** A text as it stands, each line escaped, up to what a person reads. */

import { printable } from '../../core/printable.ts';

const SHOWN_CHARACTERS = 20_000;

export function shownLines(text: string): string[] {
  const lines = text
    .slice(0, SHOWN_CHARACTERS)
    .trimEnd()
    .split('\n')
    .map((line) => `  ${/^ */.exec(line)![0]}${printable(line.trimStart())}`);
  return text.length > SHOWN_CHARACTERS
    ? [...lines, `  … ${text.length - SHOWN_CHARACTERS} more characters`]
    : lines;
}
