/**
 * A program's OpenQASM as it came, made ready for the reader: which inputs it declares, in order, and without its delays. A
 * delay does nothing to a state, and the reader has no word for it; everything else stays where it stood, for messages.
 */

import type { Token } from '../../circuit/qasm-tokens.ts';
import { readTokens } from '../../circuit/qasm-tokens.ts';

export interface ProgramText {
  readonly text: string;
  readonly inputs: readonly string[];
  readonly hasDelays: boolean;
}

const BEFORE_A_STATEMENT: readonly string[] = [';', '{', '}'];

/** @throws QpoeError `usage` where it is no text of tokens */
export function readProgramText(source: string): ProgramText {
  const next = readTokens({ name: 'circuit', text: source });
  const inputs: string[] = [];
  const delays: { from: number; to: number }[] = [];
  let before = ';';
  for (let token = next(); token.kind !== 'end'; token = next()) {
    const first = BEFORE_A_STATEMENT.includes(before) || before === ')';
    if (first && token.text === 'input') inputs.push(lastName(token, next));
    else if (first && token.text === 'delay') delays.push({ from: token.at, to: endOfStatement(next) });
    else {
      before = token.text;
      continue;
    }
    before = ';';
  }
  return { text: withoutRanges(source, delays), inputs, hasDelays: delays.length > 0 };
}

function lastName(first: Token, next: () => Token): string {
  let name = first.text;
  for (let token = next(); token.text !== ';' && token.kind !== 'end'; token = next())
    if (token.kind === 'name') name = token.text;
  return name;
}

function endOfStatement(next: () => Token): number {
  let token = next();
  while (token.text !== ';' && token.kind !== 'end') token = next();
  return token.at + 1;
}

/** An empty statement in a branch is none: the semicolon goes too. */
function withoutRanges(source: string, ranges: readonly { from: number; to: number }[]): string {
  let text = '';
  let at = 0;
  for (const { from, to } of ranges) {
    text += source.slice(at, from) + source.slice(from, to).replace(/[^\n]/g, ' ');
    at = to;
  }
  return text + source.slice(at);
}
