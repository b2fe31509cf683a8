/**
 * Text from evidence, made safe to print. A record's label could hold a carriage return and a green "PASS", right-to-left
 * marks that reorder a line, or so many blanks that the rest wraps to a line of its own: whatever a terminal would act on, or
 * a person would take for nothing, is shown as an escape instead.
 */

/** Control, format (bidi), surrogate, private-use and unassigned characters, every separator but the space, blank letters. */
const UNSAFE =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\u115f\u1160\u2800\u3164\uffa0]/gu;

/** @param write gives the escape of one UTF-16 code unit */
export function escapeUnsafe(text: string, write: (unit: number) => string): string {
  return text.replace(UNSAFE, (character) =>
    Array.from({ length: character.length }, (_, i) => write(character.charCodeAt(i))).join(''),
  );
}

/** One line of at most `limit` characters. The second and further spaces of a run are escaped too. */
export function printable(text: string, limit = 400): string {
  const cut = text.length > limit ? text.slice(0, limit) + '…' : text;
  const escaped = cut.replace(UNSAFE, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
  return escaped.replace(/(?<= ) /g, '\\u{20}');
}
