/** `qpoe verify --page`: the verifier page, for who has no terminal. Never a part of evidence: a verifier that came with it would say what its sender likes. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf } from '../../core/digest.ts';
import { QpoeError } from '../../core/error.ts';
import { packageRoot } from '../../store/package-root.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { writeOut } from '../output.ts';

/** @param out where it goes instead of to stdout */
export function printPage(context: Context, paths: readonly string[], out: string | undefined): ExitCode {
  if (paths.length > 0) throw new QpoeError('usage', '--page takes no files', 'give one or the other');
  const page = readFileSync(join(packageRoot(), 'dist/verifier.html'));
  if (out !== undefined) writeOut(out, page);
  else if (!context.json) process.stdout.write(page);
  context.answer('page', { digest: digestOf(page), size: page.length });
  context.note(`page    ${digestOf(page)}`);
  return EXIT.pass;
}
