/** TOML, with the place of an error in one line. */

import { parse, TomlError } from 'smol-toml';
import { QpoeError } from './error.ts';

/**
 * @param source what to call the text: its path
 * @throws QpoeError `usage`
 */
export function readToml(toml: string, source: string): unknown {
  try {
    return parse(toml);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    throw new QpoeError(
      'usage',
      `${source}: line ${error.line}, column ${error.column}: not TOML`,
      'correct that line',
    );
  }
}
