/** A line that counts, where someone looks at it. */

import type { Context } from './context.ts';

/**
 * @param from how many there must be for it to be worth a line
 * @returns what is called with how many more are done
 */
export function countProgress(
  { json, isQuiet }: Pick<Context, 'json' | 'isQuiet'>,
  verb: string,
  total: number,
  from: number,
): (more: number) => void {
  if (total < from || json || isQuiet || !process.stderr.isTTY) return () => undefined;
  let done = 0;
  const show = (): void => {
    process.stderr.write(`\r${verb} ${done} of ${total}${done === total ? '\r\u001b[K' : ''}`);
  };
  show();
  return (more) => {
    done += more;
    show();
  };
}
