/** Adds logs to the person's own policy: whoever keeps a log trusts its key, and names whom they ask to have seen it. */

import { QpoeError } from '../core/error.ts';
import { printable } from '../core/printable.ts';
import { formatVkey, type Vkey } from '../tlog/vkey.ts';
import type { Policy } from '../verify/policy.ts';
import { appendTable, editPolicy, type PolicyEdit } from './edit-policy.ts';
import { type Home, readOwnPolicy } from './home.ts';

export interface LogTrust {
  readonly vkey: string;
  readonly witnesses: readonly string[];
  readonly quorum: number;
}

/**
 * @returns whether it was added: not where it stands there already, or where there is no policy of the person's
 * @throws QpoeError where the policy would not be one any more; it is left as it is then
 */
export function trustOwnLog(home: Home, vkey: Vkey): boolean {
  const log = { vkey: formatVkey(vkey), witnesses: [], quorum: 0 };
  const own = readOwnPolicy(home);
  // Most runs find it there, and wait for no one.
  if (own === undefined || findLog(own, log) !== undefined) return false;
  return editPolicy(
    home,
    (toml, policy) => (findLog(policy, log) === undefined ? withLog({ toml, policy }, log, home) : undefined),
    `write each of its logs as [[log]], or add this one yourself: vkey = "${log.vkey}"`,
  );
}

/** @throws QpoeError `usage` for a log that stands there already, unless without the witnesses that it gets now */
export function trustLogs(home: Home, logs: readonly LogTrust[]): void {
  editPolicy(
    home,
    (toml, policy) => logs.reduce<PolicyEdit>((edit, log) => withLog(edit, log, home), { toml, policy }),
    'correct the log, its witnesses or their quorum, or edit the file yourself',
  );
}

function findLog({ log: logs = [] }: Policy, { vkey }: LogTrust) {
  return logs.find((log) => log.vkey === vkey);
}

function withLog({ toml, policy }: PolicyEdit, log: LogTrust, { policy: path }: Home): PolicyEdit {
  const there = findLog(policy, log);
  const logs = policy.log ?? [];
  if (there === undefined)
    return {
      toml: appendTable(toml, `[[log]]\n${formatLog(log)}`),
      policy: { ...policy, log: [...logs, tableOf(log)] },
    };
  // A run adds the store's own log, before anyone knows its witnesses.
  const line = `\nvkey = "${log.vkey}"\n`;
  const bare = there.witnesses === undefined && there.quorum === undefined;
  if (bare && log.witnesses.length > 0 && toml.split(line).length === 2)
    return {
      toml: toml.replace(line, () => `\n${formatLog(log)}`),
      policy: { ...policy, log: logs.with(logs.indexOf(there), tableOf(log)) },
    };
  throw new QpoeError('usage', `${printable(log.vkey)} is in ${path} already`, 'edit its [[log]] there');
}

const isBare = ({ witnesses, quorum }: LogTrust): boolean => witnesses.length === 0 && quorum === 0;

function tableOf(log: LogTrust) {
  const { vkey, witnesses, quorum } = log;
  return isBare(log) ? { vkey } : { vkey, witnesses: [...witnesses], quorum };
}

function formatLog(log: LogTrust): string {
  const { vkey, witnesses, quorum } = log;
  const seen = `witnesses = [${witnesses.map((key) => `"${key}"`).join(', ')}]\nquorum = ${quorum}\n`;
  return `vkey = "${vkey}"\n${isBare(log) ? '' : seen}`;
}
