/** `qpoe hash`: the hash that a record's content has, computed again; or the very bytes it is computed over. */

import { toHex, utf8 } from '../core/bytes.ts';
import { digestOf } from '../core/digest.ts';
import { coreBytes } from '../record/record.ts';
import type { Context } from './context.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { writeOut } from './output.ts';
import { readRecordFile } from './read-record.ts';

export interface HashOptions {
  readonly core?: boolean;
  readonly out?: string;
}

export function hash(context: Context, path: string, { core, out }: HashOptions): ExitCode {
  const record = readRecordFile(path);
  const bytes = coreBytes(record);
  const computed = digestOf(bytes);
  const matches = computed === record.record.hash;
  const output = core === true ? bytes : utf8(computed + '\n');
  if (out !== undefined) writeOut(out, output);
  else if (!context.json) process.stdout.write(output);
  context.answer('hash', {
    hash: computed,
    recorded: record.record.hash,
    matches,
    ...(core === true ? { core_hex: toHex(bytes) } : {}),
  });
  if (!matches)
    context.note(`the record says ${record.record.hash}: its content was changed, or its hash was`);
  return matches ? EXIT.pass : EXIT.fail;
}
