/** `qpoe policy add-log`: a log, and its witnesses, into the person's own policy. */

import { QpoeError } from '../core/error.ts';
import { printable } from '../core/printable.ts';
import { readBounded, writeAtomic } from '../store/files.ts';
import { type Home, readHomeFile } from '../store/home.ts';
import { withLock } from '../store/log-lock.ts';
import { parseTlogPolicy } from '../tlog/tlog-policy.ts';
import { formatVkey } from '../tlog/vkey.ts';
import { type Policy, parsePolicy } from '../verify/policy.ts';
import type { Context } from './context.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { readVkey } from './log-place.ts';

export interface AddLogOptions {
  /** A C2SP tlog-policy. */
  readonly tlogPolicy?: string;
  readonly witness?: readonly string[];
  readonly quorum?: number;
}

interface NewLog {
  readonly vkey: string;
  readonly witnesses: readonly string[];
  readonly quorum: number;
}

const MAX_FILE = 1_000_000;

export function addLog(context: Context, vkey: string | undefined, options: AddLogOptions): ExitCode {
  const logs = readLogs(vkey, options);
  const { home } = context;
  // A run may add its own log at the same time.
  withLock(`${home.policy}.lock`, () => addToPolicy(home, logs));
  for (const log of logs)
    context.say(
      `added ${log.vkey}${log.witnesses.length === 0 ? '' : `, ${log.quorum} of ${log.witnesses.length} witnesses`}`,
    );
  context.answer('policy-add-log', { policy: home.policy, logs });
  return EXIT.pass;
}

function addToPolicy(home: Home, logs: readonly NewLog[]): void {
  const toml = readHomeFile(home, home.policy);
  if (toml === undefined)
    throw new QpoeError('usage', `no policy at ${home.policy}`, '`qpoe init` makes one');
  const known = parsePolicy(toml, home.policy).log ?? [];
  const text = logs.reduce(
    (grown, log) =>
      writeLog(
        grown,
        log,
        known.find(({ vkey }) => vkey === log.vkey),
        home.policy,
      ),
    toml.endsWith('\n') ? toml : `${toml}\n`,
  );
  // What is written must be read: a quorum that can't be met is refused here.
  parsePolicy(text, home.policy);
  writeAtomic(home.policy, Buffer.from(text), 0o600);
}

type KnownLog = NonNullable<Policy['log']>[number];

/** @param there what the policy says of it by now */
function writeLog(toml: string, log: NewLog, there: KnownLog | undefined, path: string): string {
  if (there === undefined) return `${toml.replace(/\n*$/, '\n')}\n[[log]]\n${formatLog(log)}`;
  // A run adds the store's own log, before anyone knows its witnesses.
  const line = `\nvkey = "${log.vkey}"\n`;
  const bare = there.witnesses === undefined && there.quorum === undefined;
  if (bare && log.witnesses.length > 0 && toml.split(line).length === 2)
    return toml.replace(line, () => `\n${formatLog(log)}`);
  throw new QpoeError('usage', `${printable(log.vkey)} is in ${path} already`, 'edit its [[log]] there');
}

function readLogs(
  vkey: string | undefined,
  { tlogPolicy, witness = [], quorum }: AddLogOptions,
): readonly NewLog[] {
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

function formatLog({ vkey, witnesses, quorum }: NewLog): string {
  const seen =
    witnesses.length === 0 && quorum === 0
      ? ''
      : `witnesses = [${witnesses.map((key) => `"${key}"`).join(', ')}]\nquorum = ${quorum}\n`;
  return `vkey = "${vkey}"\n${seen}`;
}
