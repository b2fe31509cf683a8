/**
 * A program's OpenQASM as it came, made ready for the reader: which inputs it declares, in order, and without its delays. A
 * delay does nothing to a state, and the reader has no word for it (`delay[100dt] $3;`); everything else stays where it
 * stood, for messages.
 */

export interface ProgramText {
  readonly text: string;
  readonly inputs: readonly string[];
  readonly hasDelays: boolean;
}

/**
 * Comments and strings are passed over: what stands in them is no statement. Each alternative ends somewhere, at the end of
 * the text if nowhere else, so that no text is gone through twice.
 */
const NOTABLE =
  /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|"[^"\n]*"?|(?<![\p{L}\p{N}_$])(?:delay|input)(?![\p{L}\p{N}_])[^;]*(?:;|$)/gu;

export function readProgramText(source: string): ProgramText {
  const inputs: string[] = [];
  let hasDelays = false;
  const text = source.replace(NOTABLE, (found) => {
    if (found.startsWith('input')) inputs.push(lastName(found));
    if (!/^delay\s*\[/.test(found)) return found;
    hasDelays = true;
    return found.replace(/[^\n]/g, ' ');
  });
  return { text, inputs, hasDelays };
}

function lastName(statement: string): string {
  const words = statement.slice(0, -1).split(/[^\p{L}\p{N}_]+/u);
  return words.findLast((word) => word !== '') ?? '';
}
