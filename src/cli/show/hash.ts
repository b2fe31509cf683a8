/**
 * `qpoe hash`: the hash that a record's content has, computed again; or the very bytes it is computed over. Of the original's
 * records it is the one that the original's own hash_record.py prints.
 */

import { toHex, utf8 } from '../../core/bytes.ts';
import { digestOf } from '../../core/digest.ts';
import { QpoeError } from '../../core/error.ts';
import { MAX_BYTES } from '../../core/json.ts';
import { readOriginal } from '../../record/original.ts';
import { coreBytes } from '../../record/record.ts';
import { readBounded } from '../../store/files.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { writeOut } from '../output.ts';
import { readRecordFile } from './read-record.ts';

export interface HashOptions {
  readonly core?: boolean;
  readonly out?: string;
}

export function hash(context: Context, path: string, { core, out }: HashOptions): ExitCode {
  const { bytes, computed, recorded } = readOriginalFile(path) ?? readOwn(path);
  const matches = computed === recorded;
  const output = core === true ? bytes : utf8(computed + '\n');
  if (out !== undefined) writeOut(out, output);
  else if (!context.json) process.stdout.write(output);
  context.answer('hash', {
    hash: computed,
    recorded,
    matches,
    ...(core === true ? { core_hex: toHex(bytes) } : {}),
  });
  if (!matches) context.note(`the record says ${recorded}: its content was changed, or its hash was`);
  return matches ? EXIT.pass : EXIT.fail;
}

interface Hashed {
  readonly bytes: Uint8Array;
  readonly computed: string;
  readonly recorded: string;
}

function readOwn(path: string): Hashed {
  const record = readRecordFile(path);
  const bytes = coreBytes(record);
  return { bytes, computed: digestOf(bytes), recorded: record.record.hash };
}

/** Undefined where the file isn't of the original's formats at all. */
function readOriginalFile(path: string): Hashed | undefined {
  const { value, fault, code } = readOriginal(readBounded(path, MAX_BYTES));
  if (value !== undefined) return { bytes: value.core, ...value.hash };
  if (code !== 'format.shape' && code !== 'format.ambiguous') return undefined;
  throw new QpoeError(
    'unreadable',
    `${path} is not a record of the original toolkit: ${fault}`,
    '`qpoe verify` says more',
  );
}
