/** `qpoe log serve`: the store's log over HTTP, until it is stopped. */

import { serveLog } from '../../online/log-server.ts';
import { openOrCreateStore } from '../../store/store.ts';
import { formatVkey } from '../../tlog/vkey.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { refuseListening } from '../listening.ts';
import { openOwnLog } from './enter-log.ts';

export interface ServeOptions {
  readonly host: string;
  readonly port: number;
}

export async function serve(context: Context, { host, port }: ServeOptions): Promise<ExitCode> {
  refuseListening(host, port);
  const log = openOwnLog(context, openOrCreateStore(context.storePath));
  const { note, signal } = context;
  const { url, closed } = await serveLog(log, { host, port, signal, note });
  context.say(`serving ${log.vkey.name} at ${url}`);
  context.note(`  its key: ${formatVkey(log.vkey)}`);
  context.note('  anyone who reaches it can write to it; Ctrl-C ends it');
  context.answer('log-serve', { url, log: log.vkey.name, vkey: formatVkey(log.vkey) });
  await closed;
  return EXIT.pass;
}
