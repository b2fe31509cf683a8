/** An OpenQASM text with its name, and the one form that every fault in it has: `file.qasm: line 3, column 7: …`. */

import { QpoeError } from '../core/error.ts';

export interface QasmSource {
  /** As the person named it: a path, or `standard input`. */
  readonly name: string;
  readonly text: string;
}

/** What is wrong at an offset of the text, as an error to throw. */
export function fault(source: QasmSource, at: number, reason: string, hint?: string): QpoeError {
  const before = source.text.slice(0, at);
  const lineStart = before.lastIndexOf('\n') + 1;
  const line = countLines(before);
  return new QpoeError(
    'usage',
    `${source.name}: line ${line}, column ${at - lineStart + 1}: ${reason}`,
    hint,
  );
}

function countLines(text: string): number {
  let lines = 1;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}

const SHOWN = 40;

/** A piece of the text as a message shows it: a name of a megabyte is not a message. */
export function shown(text: string): string {
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}
