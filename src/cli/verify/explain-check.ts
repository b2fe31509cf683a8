/** `qpoe verify --explain`: what one check is worth, and what to do where it doesn't pass. */

import { QpoeError } from '../../core/error.ts';
import { EXPLANATIONS, explain } from '../../verify/explanations.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';

export function explainCheck(context: Context, id: string, paths: readonly string[]): ExitCode {
  if (paths.length > 0) throw new QpoeError('usage', '--explain takes no files', 'give one or the other');
  const check = explain(id);
  if (check === undefined)
    throw new QpoeError(
      'usage',
      `no check "${id}"`,
      `--explain takes ${EXPLANATIONS.map((known) => known.id).join(', ')}`,
    );
  const field = (name: string, text: string): void => context.say(`${name.padEnd(17)} ${text}`);
  context.say(`${check.id}: ${check.title}`);
  context.say('');
  field('Where it passes', check.claim);
  field('It proves', check.proves);
  field('Not', check.not_proven);
  field('It relies on', check.relies_on);
  for (const { status, codes, means, then } of check.failings) {
    context.say('');
    field(status, `${means}${codes.length === 0 ? '' : ` (${codes.join(', ')})`}`);
    field('', `→ ${then}`);
  }
  if (check.cli !== undefined) {
    context.say('');
    field('Here', check.cli);
  }
  context.answer('explain', check);
  return EXIT.pass;
}
