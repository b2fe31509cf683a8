/** `qpoe log fsck`: a log computed again from its entries, and every file that lies there. */

import { count } from '../../core/count.ts';
import { printable } from '../../core/printable.ts';
import { fsck } from '../../store/log-fsck.ts';
import { readCheckpoint } from '../../store/log-read.ts';
import { openStore } from '../../store/store.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { findLogKey, logFolder } from './log-place.ts';

export interface FsckOptions {
  /** Someone else's log. */
  readonly dir?: string;
  readonly vkey?: string;
}

export function checkLog(context: Context, { dir, vkey: named }: FsckOptions): ExitCode {
  const folder = dir ?? logFolder(openStore(context.storePath));
  const vkey = findLogKey(context, folder, readCheckpoint(folder), named);
  const { bad, checkpoint, files, unpublished } = fsck(folder, vkey, showProgress(context));
  for (const path of unpublished) context.note(`not published yet: ${printable(path, 300)}`);
  if (bad === undefined)
    context.say(`OK  ${vkey.name}: ${count(checkpoint!.size, 'entry', 'entries')}, ${count(files, 'file')}`);
  else context.say(`BAD  ${printable(bad.path, 300)}: ${printable(bad.fault, 500)}`);
  context.answer('log-fsck', {
    log: vkey.name,
    ok: bad === undefined,
    ...(checkpoint === undefined ? {} : { size: checkpoint.size }),
    files,
    ...(bad === undefined ? {} : { bad }),
    unpublished,
  });
  return bad === undefined ? EXIT.pass : EXIT.fail;
}

function showProgress({ json }: Context): (entries: number, size: number) => void {
  if (json || !process.stderr.isTTY) return () => undefined;
  return (entries, size) =>
    process.stderr.write(`\rchecked ${entries} of ${size}${entries === size ? '\r\u001b[K' : ''}`);
}
