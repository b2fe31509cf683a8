/** `qpoe log cosign`: asks the policy's witnesses for their signatures, and keeps the earliest quorum with each statement. */

import { type Bytes, fromUtf8, toBase64 } from '../core/bytes.ts';
import { QpoeError } from '../core/error.ts';
import { printable } from '../core/printable.ts';
import { formatTime } from '../core/time.ts';
import { type Cosigning, cosignCheckpoint, type WitnessTarget } from '../online/witness-client.ts';
import { readOwnPolicy } from '../store/home.ts';
import type { OpenLog } from '../store/log.ts';
import { publishCosigned } from '../store/log-cosigned.ts';
import { proveConsistency, readCheckpoint } from '../store/log-read.ts';
import { statementFiles } from '../store/statements.ts';
import { openStore, type Store } from '../store/store.ts';
import { hashVkey } from '../tlog/vkey.ts';
import { type PolicyLog, policyLogs } from '../verify/log-checks.ts';
import type { Context } from './context.ts';
import { openOwnLog, proveAgain, readEnterable } from './enter-log.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { hasQuorum } from './quorum.ts';

export interface CosignOptions {
  /** `NAME=URL`, beside those of config.toml. */
  readonly witness?: readonly string[];
}

export async function cosign(context: Context, { witness = [] }: CosignOptions): Promise<ExitCode> {
  const store = openStore(context.storePath);
  const log = openOwnLog(context, store);
  const policy = findPolicyLog(context, log);
  const targets = findTargets(context, policy, witness);
  const prove = (oldSize: number, newSize: number) => proveConsistency(log.path, oldSize, newSize);
  const { quorum } = policy;
  const result = await cosignCheckpoint(prove, readCheckpoint(log.path), targets, {
    quorum,
    signal: context.signal,
  });
  const published = publishCosigned(log, result.note);
  const dated = result.reached && published ? await dateStatements(store, log, policy, result.note) : 0;
  report(context, log, policy, result, dated);
  return result.reached ? EXIT.pass : EXIT.external;
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

/** Each statement keeps the earliest proof that a quorum saw: those that have none yet get this one. */
async function dateStatements(store: Store, log: OpenLog, policy: PolicyLog, note: Bytes): Promise<number> {
  let dated = 0;
  const id = toBase64(hashVkey(log.vkey));
  for (const path of statementFiles(store)) {
    const statement = readEnterable(path);
    const entry = statement.entries.find(({ logId }) => logId.keyId === id);
    if (entry === undefined || (await hasQuorum(entry, policy))) continue;
    if (proveAgain(log, statement, entry, note)) dated++;
  }
  return dated;
}

function report(
  context: Context,
  { vkey }: OpenLog,
  { quorum }: PolicyLog,
  result: Cosigning,
  dated: number,
): void {
  const { cosigned, failed, reached } = result;
  for (const { vkey: witness, time } of cosigned)
    context.say(`cosigned  ${printable(witness.name)} at ${formatTime(time * 1000)}`);
  for (const { target, fault } of failed) context.say(`FAILED    ${printable(target.vkey.name)}: ${fault}`);
  const size = fromUtf8(result.note)!.split('\n')[1];
  context.say(
    `${reached ? 'reached' : 'NOT REACHED'}   ${cosigned.length} of a quorum of ${quorum}, ${vkey.name} at ${size} entries`,
  );
  if (dated > 0)
    context.say(`dated     ${dated === 1 ? '1 statement' : `${dated} statements`} that no quorum had seen`);
  context.answer('log-cosign', {
    log: vkey.name,
    size: Number(size),
    quorum,
    reached,
    cosigned: cosigned.map(({ vkey: { name }, time }) => ({ name, time })),
    failed: failed.map(({ target, fault, code }) => ({ name: target.vkey.name, code, message: fault })),
    dated,
  });
}
