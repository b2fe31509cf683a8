/** `qpoe log audit`: follows a log from what was seen of it last, and keeps what it saw in the home. */

import { toHex } from '../core/bytes.ts';
import { sha256 } from '../core/digest.ts';
import { QpoeError } from '../core/error.ts';
import { printable } from '../core/printable.ts';
import { type Audit, auditLog } from '../online/log-audit.ts';
import type { AuditedLog } from '../online/log-audit-source.ts';
import { keepFork, keepSeen, readSeen } from '../store/audits.ts';
import { readOwnPolicy } from '../store/home.ts';
import { hasIdentity, readIdentity, spki } from '../store/identity.ts';
import { logVkeys } from '../store/log-key.ts';
import { statedSignatures } from '../store/statements.ts';
import { hasStore, openStore } from '../store/store.ts';
import { formatVkey, type Vkey } from '../tlog/vkey.ts';
import { policyLogs } from '../verify/log-checks.ts';
import { type Context, readPassphrase } from './context.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { readVkey } from './log-place.ts';

export interface AuditCommandOptions {
  readonly url?: string;
  readonly dir?: string;
  readonly vkey?: string;
}

export async function audit(context: Context, options: AuditCommandOptions): Promise<ExitCode> {
  const vkey = chooseLog(context, options.vkey);
  const result = await auditLog(chooseSource(options), {
    vkey,
    seen: readSeen(context.home, vkey),
    ownKeys: ownKeys(context),
    isKnown: knownEntries(context),
    signal: context.signal,
    report: showProgress(context),
  });
  const { fault, note } = result;
  if (fault === undefined) keepSeen(context.home, vkey, note);
  const kept = fault === undefined ? undefined : keepFork(context.home, vkey, fault.evidence);
  report(context, vkey, result, kept);
  return fault === undefined && result.strangerCount === 0 ? EXIT.pass : EXIT.fail;
}

function chooseSource({ url, dir }: AuditCommandOptions): AuditedLog {
  if ((url === undefined) === (dir === undefined))
    throw new QpoeError('usage', 'log audit takes --url or --dir', 'give one of them');
  return url === undefined ? { dir: dir! } : { url };
}

/** The one named, or the only one that is known here: what a log shows can't say whose it is. */
function chooseLog({ home }: Context, named: string | undefined): Vkey {
  if (named?.includes('+')) return readVkey(named);
  const policy = readOwnPolicy(home);
  const all = [
    ...logVkeys(home),
    ...(policy === undefined ? [] : [...policyLogs(policy).values()].map(({ vkey }) => vkey)),
  ];
  const known = new Map(all.map((vkey) => [formatVkey(vkey), vkey]));
  const matches = [...known.values()].filter(({ name }) => named === undefined || name === named);
  if (matches.length === 1) return matches[0]!;
  throw new QpoeError(
    'usage',
    `${matches.length} logs ${named === undefined ? 'are known here' : `are called ${printable(named, 200)}`}`,
    `name one with --vkey${matches.length === 0 ? '' : `: ${matches.map(({ name }) => name).join(', ')}`}`,
  );
}

function ownKeys({ home, environment }: Context) {
  return hasIdentity(home) ? [spki(readIdentity(home, readPassphrase(environment)).p256)] : [];
}

/** Whether the store holds the envelope that an entry is of. */
function knownEntries({ storePath }: Context): (entry: { readonly signature: Uint8Array }) => boolean {
  const known = new Set<string>();
  if (hasStore(storePath))
    for (const signature of statedSignatures(openStore(storePath))) known.add(toHex(sha256(signature)));
  return ({ signature }) => known.has(toHex(sha256(signature)));
}

function showProgress({ json }: Context): (entries: number, of: number) => void {
  if (json || !process.stderr.isTTY) return () => undefined;
  return (entries, of) =>
    process.stderr.write(`\raudited ${entries} of ${of}${entries === of ? '\r\u001b[K' : ''}`);
}

const SHOWN = 20;

function report(context: Context, vkey: Vkey, result: Audit, kept: string | undefined): void {
  const { checkpoint, entries, fault, strangers, strangerCount } = result;
  if (fault === undefined)
    context.say(`OK    ${vkey.name}: ${checkpoint!.size} entries, ${entries} of them new, all as signed`);
  else {
    context.say(
      `${fault.code === 'audit.fork' ? 'FORK' : 'BAD'}  ${vkey.name}: ${printable(fault.fault, 500)}`,
    );
    context.say(`      evidence kept in ${kept}`);
  }
  for (const { index, signed } of strangers.slice(0, SHOWN))
    context.say(
      `NOT MADE HERE  entry ${index} ${signed ? 'is signed by your key: someone else holds it, or another store does' : 'names your key, which did not sign it'}`,
    );
  if (strangerCount > SHOWN) context.say(`… ${strangerCount - SHOWN} more`);
  context.answer('log-audit', {
    log: vkey.name,
    ok: fault === undefined && strangerCount === 0,
    ...(checkpoint === undefined ? {} : { size: checkpoint.size }),
    new_entries: entries,
    ...(fault === undefined ? {} : { fault: { code: fault.code, message: fault.fault, evidence: kept } }),
    not_made_here: strangers.map(({ index, signed }) => ({ index, signed })),
  });
}
