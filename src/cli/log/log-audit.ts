/** `qpoe log audit`: follows a log from what was seen of it last, and keeps what it saw in the home. */

import { type Bytes, concatenate, toHex } from '../../core/bytes.ts';
import { count } from '../../core/count.ts';
import { sha256 } from '../../core/digest.ts';
import { QpoeError } from '../../core/error.ts';
import { printable } from '../../core/printable.ts';
import { type Audit, auditLog } from '../../online/log-audit.ts';
import type { AuditedLog } from '../../online/log-audit-source.ts';
import { keepFault, keepSeen, keepStrangers, readSeen, type Strangers } from '../../store/audits.ts';
import { readOwnPolicy } from '../../store/home.ts';
import { hasIdentity, readIdentity, spki } from '../../store/identity.ts';
import { logVkeys } from '../../store/log-key.ts';
import { statedDigests } from '../../store/statements.ts';
import { hasStore, openStore } from '../../store/store.ts';
import type { HashedRekord } from '../../tlog/hashedrekord.ts';
import { formatVkey, type Vkey } from '../../tlog/vkey.ts';
import { policyLogs } from '../../verify/log-checks.ts';
import { type Context, readPassphrase } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { readVkey } from './log-place.ts';

export interface AuditCommandOptions {
  readonly url?: string;
  readonly dir?: string;
  readonly vkey?: string;
}

export async function audit(context: Context, options: AuditCommandOptions): Promise<ExitCode> {
  const vkey = chooseLog(context, options.vkey);
  const source = chooseSource(options);
  const own = ownEntries(context);
  let followed: Followed | undefined;
  while (followed === undefined) followed = await follow(context, source, vkey, own);
  report(context, vkey, followed);
  const { result, strangers } = followed;
  return result.fault === undefined && countStrangers(strangers) === 0 ? EXIT.pass : EXIT.fail;
}

interface Followed {
  readonly result: Audit;
  readonly strangers: Strangers;
  /** The folder with the evidence of a fault. */
  readonly kept: string | undefined;
}

/** Undefined where another audit was quicker: what this one was shown is not checked against what that one was. */
async function follow(
  context: Context,
  source: AuditedLog,
  vkey: Vkey,
  own: OwnEntries,
): Promise<Followed | undefined> {
  const { home, signal } = context;
  const seen = readSeen(home, vkey);
  const result = await auditLog(source, {
    vkey,
    seen,
    ownKeys: own.keys,
    isKnown: (entry) => own.known.has(whatItSays(entry)),
    signal,
    report: showProgress(context),
  });
  const found = foundStrangers(result);
  const isKnown = (says: string) => own.known.has(says);
  if (result.fault !== undefined) {
    // What it shows is not what it signed: the entries are listed, and kept once an audit holds.
    const before = keepStrangers(home, vkey, { listed: [], more: 0, readAnew: 0 }, isKnown);
    const strangers = { listed: [...before.listed, ...found.listed], more: before.more + found.more };
    return { result, strangers, kept: keepFault(home, vkey, result.fault.evidence) };
  }
  // First: an audit that is ended in between finds them again.
  const readAnew = seen === undefined ? result.entries : 0;
  const strangers = keepStrangers(home, vkey, { ...found, readAnew }, isKnown);
  return keepSeen(home, vkey, seen, result.note) ? { result, strangers, kept: undefined } : undefined;
}

function foundStrangers({ strangers, strangerCount }: Audit): Strangers {
  const listed = strangers.map(({ index, signed, rekord }) => ({
    index,
    signed,
    says: rekord && whatItSays(rekord),
  }));
  return { listed, more: strangerCount - listed.length };
}

function countStrangers({ listed, more }: Strangers): number {
  return listed.length + more;
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

interface OwnEntries {
  readonly keys: readonly Bytes[];
  /** What the entries of all envelopes in the store say. */
  readonly known: ReadonlySet<string>;
}

function ownEntries({ home, environment, storePath }: Context): OwnEntries {
  if (!hasIdentity(home)) return { keys: [], known: new Set() };
  const publicKey = spki(readIdentity(home, readPassphrase(environment)).p256);
  const digests = hasStore(storePath) ? [...statedDigests(openStore(storePath), publicKey)] : [];
  return { keys: [publicKey], known: new Set(digests.map((digest) => whatItSays({ digest, publicKey }))) };
}

/** Without the signature, which has a twin that anyone can make and enter. */
function whatItSays({ digest, publicKey }: Pick<HashedRekord, 'digest' | 'publicKey'>): string {
  return toHex(sha256(concatenate([digest, publicKey])));
}

function showProgress({ json }: Context): (entries: number, of: number) => void {
  if (json || !process.stderr.isTTY) return () => undefined;
  return (entries, of) =>
    process.stderr.write(`\raudited ${entries} of ${of}${entries === of ? '\r\u001b[K' : ''}`);
}

const SHOWN = 20;

function report(context: Context, vkey: Vkey, { result, strangers, kept }: Followed): void {
  const { checkpoint, entries, fault } = result;
  if (fault === undefined)
    context.say(
      `OK    ${vkey.name}: ${count(checkpoint!.size, 'entry', 'entries')}, ${entries} of them new, all as signed`,
    );
  else {
    context.say(
      `${fault.code === 'audit.fork' ? 'FORK' : 'BAD'}  ${vkey.name}: ${printable(fault.fault, 500)}`,
    );
    context.say(`      evidence kept in ${kept}`);
  }
  for (const { index, signed } of strangers.listed.slice(0, SHOWN))
    context.say(
      `NOT MADE HERE  entry ${index} ${signed ? 'is signed by your key: someone else holds it, or another store does' : 'names your key, which did not sign it'}`,
    );
  const all = countStrangers(strangers);
  if (all > SHOWN) context.say(`… ${all - SHOWN} more`);
  context.answer('log-audit', {
    log: vkey.name,
    ok: fault === undefined && all === 0,
    ...(checkpoint === undefined ? {} : { size: checkpoint.size }),
    new_entries: entries,
    ...(fault === undefined ? {} : { fault: { code: fault.code, message: fault.fault, evidence: kept } }),
    not_made_here: strangers.listed.map(({ index, signed }) => ({ index, signed })),
    ...(strangers.more === 0 ? {} : { not_made_here_more: strangers.more }),
  });
}
