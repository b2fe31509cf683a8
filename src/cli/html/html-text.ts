/** Text from evidence in a page: nothing of it is markup, and nothing hides, reorders or leaves its place. */

import { escapeUnsafe, printable } from '../../core/printable.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text of our own: markup is escaped, and nothing else. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

/** One line of evidence, of at most `limit` characters; its right-to-left letters reorder nothing around them. */
export function evidence(text: string, limit = 1000): string {
  return `<bdi>${escapeHtml(printable(text, limit))}</bdi>`;
}

/** Several lines of evidence as they stand: line ends and tabs stay, everything else that is unsafe is shown as its escape. */
export function evidenceLines(text: string): string {
  return text
    .split(/([\n\t])/)
    .map((piece) =>
      piece === '\n' || piece === '\t'
        ? piece
        : escapeHtml(escapeUnsafe(piece, (unit) => `\\u{${unit.toString(16)}}`)),
    )
    .join('');
}
