/**
 * Text from evidence, made safe to print. A record's label could hold a carriage return and a green "PASS", or
 * right-to-left marks that reorder a line: whatever a terminal would act on is shown as an escape instead.
 */

const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;

/** One line without control, format (bidi), surrogate, private-use or unassigned characters, at most `limit` characters. */
export function printable(text: string, limit = 400): string {
  const cut = text.length > limit ? text.slice(0, limit) + '…' : text;
  return cut.replace(UNSAFE, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}
