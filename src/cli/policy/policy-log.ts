/** `qpoe policy add-log`: a log, and its witnesses, into the person's own policy. */

import { QpoeError } from '../../core/error.ts';
import { readBounded } from '../../store/files.ts';
import { type LogTrust, trustLogs } from '../../store/trust-log.ts';
import { parseTlogPolicy } from '../../tlog/tlog-policy.ts';
import { formatVkey } from '../../tlog/vkey.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { readVkey } from '../log/log-place.ts';

export interface AddLogOptions {
  /** A C2SP tlog-policy. */
  readonly tlogPolicy?: string;
  readonly witness?: readonly string[];
  readonly quorum?: number;
}

const MAX_FILE = 1_000_000;

export function addLog(context: Context, vkey: string | undefined, options: AddLogOptions): ExitCode {
  const logs = readLogs(vkey, options);
  trustLogs(context.home, logs);
  for (const log of logs)
    context.say(
      `added ${log.vkey}${log.witnesses.length === 0 ? '' : `, ${log.quorum} of ${log.witnesses.length} witnesses`}`,
    );
  context.answer('policy-add-log', { policy: context.home.policy, logs });
  return EXIT.pass;
}

function readLogs(
  vkey: string | undefined,
  { tlogPolicy, witness = [], quorum }: AddLogOptions,
): readonly LogTrust[] {
  if ((vkey === undefined) === (tlogPolicy === undefined))
    throw new QpoeError('usage', 'policy add-log takes a vkey or --tlog-policy', 'give one of them');
  if (vkey !== undefined)
    return [
      {
        vkey: formatVkey(readVkey(vkey)),
        witnesses: witness.map((text) => formatVkey(readVkey(text))),
        quorum: quorum ?? witness.length,
      },
    ];
  if (witness.length > 0 || quorum !== undefined)
    throw new QpoeError(
      'usage',
      'a tlog-policy names its own witnesses and quorum',
      'leave --witness and --quorum out',
    );
  const { value, fault } = parseTlogPolicy(readBounded(tlogPolicy!, MAX_FILE));
  if (fault !== undefined) throw new QpoeError('usage', `${tlogPolicy}: ${fault}`, 'correct the file');
  if (value.logs.length === 0)
    throw new QpoeError('usage', `${tlogPolicy}: it names no log`, 'give a tlog-policy with a `log` line');
  const witnesses = value.witnesses.map((one) => formatVkey(one.vkey));
  return value.logs.map((log) => ({ vkey: formatVkey(log.vkey), witnesses, quorum: value.quorum }));
}
