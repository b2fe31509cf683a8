/** `qpoe log cosign`: asks the policy's witnesses for their signatures, and keeps the earliest quorum with each statement. */

import { type Bytes, fromUtf8, toBase64 } from '../../core/bytes.ts';
import { count } from '../../core/count.ts';
import { QpoeError } from '../../core/error.ts';
import { printable } from '../../core/printable.ts';
import { formatTime } from '../../core/time.ts';
import {
  type Cosigning,
  cosignCheckpoint,
  type Post,
  type WitnessTarget,
} from '../../online/witness-client.ts';
import { readOwnPolicy } from '../../store/home.ts';
import { hasLog, type OpenLog } from '../../store/log.ts';
import { publishCosigned } from '../../store/log-cosigned.ts';
import { proveConsistency, readCheckpoint } from '../../store/log-read.ts';
import { statementFiles } from '../../store/statements.ts';
import { openStore, type Store } from '../../store/store.ts';
import { hashVkey } from '../../tlog/vkey.ts';
import { type PolicyLog, policyLogs } from '../../verify/log-checks.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode, errorLine, exitCodeOf, worstExit } from '../exit.ts';
import { openOwnLog, proveAgain, readEnterable } from './enter-log.ts';
import { logFolder } from './log-place.ts';
import { hasQuorum } from './quorum.ts';

export interface CosignOptions {
  /** `NAME=URL`, beside those of config.toml. */
  readonly witness?: readonly string[];
}

/** @param post how witnesses are asked; by HTTP where nothing is given */
export async function cosign(
  context: Context,
  { witness = [] }: CosignOptions,
  post?: Post,
): Promise<ExitCode> {
  const store = openStore(context.storePath);
  const folder = logFolder(store);
  if (!hasLog(folder)) throw new QpoeError('usage', `no log at ${folder}`, '`qpoe run` makes one');
  const log = openOwnLog(context, store);
  const policy = findPolicyLog(context, log);
  const targets = findTargets(context, policy, witness);
  const prove = (oldSize: number, newSize: number) => proveConsistency(log.path, oldSize, newSize);
  const { quorum } = policy;
  const result = await cosignCheckpoint(prove, readCheckpoint(log.path), targets, {
    quorum,
    signal: context.signal,
    ...(post === undefined ? {} : { post }),
  });
  if (!publishCosigned(log, result.note))
    context.note('the log grew meanwhile: the cosigned checkpoint was not published');
  // Also where it was not: the smaller tree holds whatever is in it for good.
  const dating = result.reached ? await dateStatements(store, log, policy, result.note) : NOTHING_DATED;
  report(context, log, policy, result, dating);
  return worstExit([
    result.reached ? EXIT.pass : EXIT.external,
    ...dating.bad.map(({ error }) => exitCodeOf(error)),
  ]);
}

function findPolicyLog({ home }: Context, { vkey }: OpenLog): PolicyLog {
  const policy = readOwnPolicy(home);
  const found = policy && policyLogs(policy).get(toBase64(hashVkey(vkey)));
  if (found !== undefined && found.witnesses.length > 0) return found;
  throw new QpoeError(
    'usage',
    `${home.path}/trust.toml names no witness of ${vkey.name}`,
    'add `witnesses` and `quorum` to its [[log]], or import them: qpoe policy add-log --tlog-policy FILE',
  );
}

/** Where each witness of the policy is asked: those without an address are passed over, and said to be. */
function findTargets(
  { config, note }: Context,
  { witnesses }: PolicyLog,
  given: readonly string[],
): WitnessTarget[] {
  const urls = new Map(Object.entries(config.witness ?? {}));
  for (const text of given) {
    const at = text.indexOf('=');
    if (at < 1) throw new QpoeError('usage', `--witness ${printable(text)} is not NAME=URL`);
    urls.set(text.slice(0, at), text.slice(at + 1));
  }
  const unknown = [...urls.keys()].find(
    (name) => given.length > 0 && !witnesses.some((vkey) => vkey.name === name),
  );
  if (unknown !== undefined)
    throw new QpoeError('usage', `${printable(unknown)} is no witness of this log in your policy`);
  return witnesses.flatMap((vkey) => {
    const url = urls.get(vkey.name);
    if (url === undefined)
      note(`no address of ${vkey.name}: --witness ${vkey.name}=URL, or [witness] in config.toml`);
    return url === undefined ? [] : [{ vkey, url }];
  });
}

interface Dating {
  readonly dated: number;
  /** Statements that could not be dated. */
  readonly bad: readonly { readonly path: string; readonly error: QpoeError }[];
}

const NOTHING_DATED: Dating = { dated: 0, bad: [] };

/**
 * Each statement keeps the earliest proof that a quorum saw: those that have none yet get this one. A bad file among them
 * keeps no other from it.
 */
async function dateStatements(store: Store, log: OpenLog, policy: PolicyLog, note: Bytes): Promise<Dating> {
  let dated = 0;
  const bad: { path: string; error: QpoeError }[] = [];
  for (const path of statementFiles(store))
    try {
      if (await dateStatement(path, log, policy, note)) dated++;
    } catch (error) {
      if (!(error instanceof QpoeError)) throw error;
      bad.push({ path, error });
    }
  return { dated, bad };
}

async function dateStatement(path: string, log: OpenLog, policy: PolicyLog, note: Bytes): Promise<boolean> {
  const id = toBase64(hashVkey(log.vkey));
  const statement = readEnterable(path);
  const own = statement.entries.filter(({ logId }) => logId.keyId === id);
  for (const entry of own) if (await hasQuorum(entry, policy)) return false;
  return own.length > 0 && proveAgain(log, statement, own[0]!, note);
}

function report(
  context: Context,
  { vkey }: OpenLog,
  { quorum }: PolicyLog,
  result: Cosigning,
  { dated, bad }: Dating,
): void {
  const { cosigned, failed, reached } = result;
  for (const { vkey: witness, time } of cosigned)
    context.say(`cosigned  ${printable(witness.name)} at ${formatTime(time * 1000)}`);
  for (const { target, fault } of failed) context.say(`FAILED    ${printable(target.vkey.name)}: ${fault}`);
  const size = Number(fromUtf8(result.note)!.split('\n')[1]);
  context.say(
    `${reached ? 'reached' : 'NOT REACHED'}   ${cosigned.length} of a quorum of ${quorum}, ${vkey.name} at ${count(size, 'entry', 'entries')}`,
  );
  if (dated > 0)
    context.say(`dated     ${dated === 1 ? '1 statement' : `${dated} statements`} that no quorum had seen`);
  for (const { error } of bad) context.say(`NOT DATED ${errorLine(error)}`);
  context.answer('log-cosign', {
    log: vkey.name,
    size: Number(size),
    quorum,
    reached,
    cosigned: cosigned.map(({ vkey: { name }, time }) => ({ name, time })),
    failed: failed.map(({ target, fault, code }) => ({ name: target.vkey.name, code, message: fault })),
    dated,
    not_dated: bad.map(({ path, error }) => ({ path, code: error.code, message: error.message })),
  });
}
