/** `qpoe doctor`: what is wrong with this installation, and the cure. */

import { fromUtf8 } from '../core/bytes.ts';
import { QpoeError } from '../core/error.ts';
import { printable } from '../core/printable.ts';
import { SDK_NAMES } from '../sdk/registry.ts';
import { readOwnPolicy } from '../store/home.ts';
import { hasIdentity, readRecordKey, sweepHome } from '../store/identity.ts';
import { hasLog } from '../store/log.ts';
import { logVkeys } from '../store/log-key.ts';
import { readCheckpoint } from '../store/log-read.ts';
import { hasStore, listRecords, openStore, sweepTemporaries } from '../store/store.ts';
import { formatVkey } from '../tlog/vkey.ts';
import { policyLogs } from '../verify/log-checks.ts';
import { type Context, readPassphrase } from './context.ts';
import { EXIT, type ExitCode, errorLine } from './exit.ts';
import { logFolder } from './log-place.ts';
import { namedSdk } from './sdk.ts';
import { VERSION } from './version.ts';

type Level = 'ok' | 'note' | 'problem';
interface Finding {
  readonly level: Level;
  readonly subject: string;
  readonly text: string;
}

const GLYPHS: Readonly<Record<Level, string>> = { ok: '✓', note: '·', problem: '✗' };

export async function doctor(context: Context): Promise<ExitCode> {
  const findings = [
    finding(
      'ok',
      'program',
      `qpoe ${VERSION} on Node ${process.versions.node}, ${process.platform} ${process.arch}`,
    ),
    diagnose('identity', () => examineIdentity(context)),
    diagnose('policy', () => examinePolicy(context)),
    diagnose('store', () => examineStore(context)),
    diagnose('log', () => examineLog(context)),
    ...(await Promise.all(SDK_NAMES.map((name) => examineSdk(context, name)))),
  ];
  for (const { level, subject, text } of findings)
    context.say(`${GLYPHS[level]} ${subject.padEnd(10)} ${printable(text, 1000)}`);
  context.answer('doctor', { findings });
  return findings.some(({ level }) => level === 'problem') ? EXIT.fail : EXIT.pass;
}

function finding(level: Level, subject: string, text: string): Finding {
  return { level, subject, text };
}

function diagnose(subject: string, examine: () => [Level, string]): Finding {
  try {
    const [level, text] = examine();
    return finding(level, subject, text);
  } catch (error) {
    if (!(error instanceof QpoeError)) throw error;
    return finding('problem', subject, errorLine(error));
  }
}

function examineIdentity({ home, environment }: Context): [Level, string] {
  if (!hasIdentity(home)) return ['note', 'none yet; the first `qpoe run`, or `qpoe init`, makes one'];
  readRecordKey(home, readPassphrase(environment));
  const swept = sweepHome(home);
  return ['ok', `${home.identity}${swept > 0 ? `; removed ${swept} that were left half made` : ''}`];
}

function examinePolicy({ home }: Context): [Level, string] {
  const policy = readOwnPolicy(home);
  if (policy === undefined)
    return hasIdentity(home)
      ? ['problem', `no ${home.policy}: nothing you verify can pass; \`qpoe init\` makes it`]
      : ['note', 'none yet; it comes with the identity'];
  return [
    'ok',
    `${home.policy} trusts ${(policy.signer ?? []).map(({ name }) => `"${name}"`).join(', ') || 'no one'}`,
  ];
}

function examineStore({ storePath }: Context): [Level, string] {
  if (!hasStore(storePath)) return ['note', `none at ${storePath} yet; the first record makes it`];
  const store = openStore(storePath);
  const swept = sweepTemporaries(store);
  const { rows, strange } = listRecords(store);
  if (strange.length > 0)
    return [
      'problem',
      `${storePath}: ${strange.length} files in records/ are no records: ${strange.slice(0, 3).join(', ')}`,
    ];
  return [
    'ok',
    `${storePath}: ${rows.length} records${swept > 0 ? `; removed ${swept} files that a killed writer left` : ''}`,
  ];
}

function examineLog({ storePath, home }: Context): [Level, string] {
  const folder = hasStore(storePath) ? logFolder(openStore(storePath)) : undefined;
  if (folder === undefined || !hasLog(folder)) return ['note', 'none yet; the first statement makes it'];
  const [origin, size] = (fromUtf8(readCheckpoint(folder)) ?? '').split('\n') as [string, string];
  const vkey = logVkeys(home).find(({ name }) => name === origin);
  if (vkey === undefined)
    return ['note', `${origin}: its key is in another home, which alone can append to it`];
  const trusted = [...policyLogs(readOwnPolicy(home) ?? { version: 1 }).values()];
  const known = trusted.some((log) => formatVkey(log.vkey) === formatVkey(vkey));
  if (!known && size === '0')
    return ['note', `${origin}, without an entry; the first one makes your policy know it`];
  return known
    ? ['ok', `${origin}, ${size} entries; \`qpoe log fsck\` checks every file`]
    : ['problem', `your policy doesn't know ${origin}: qpoe policy add-log ${formatVkey(vkey)}`];
}

async function examineSdk(context: Context, name: string): Promise<Finding> {
  const status = await namedSdk(context, name, undefined).status();
  return status.usable
    ? finding('ok', name, `${status.version}, ${status.where}`)
    : finding('note', name, `${status.reason}; ${status.hint}`);
}
