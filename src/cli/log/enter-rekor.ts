/** Entering statements into a Rekor, and its proof into their files. */

import type { LogEntry } from '../../attest/log-entry.ts';
import { toBase64 } from '../../core/bytes.ts';
import { QpoeError } from '../../core/error.ts';
import type { JsonValue } from '../../core/json.ts';
import { submitToRekor } from '../../online/rekor-client.ts';
import { readOwnPolicy } from '../../store/home.ts';
import type { Trust } from '../../verify/trust.ts';
import type { Context } from '../context.ts';
import { evidenceMeans } from '../verify/evidence-means.ts';
import { amendMaterial, type Enterable, type Entered, type Signed } from './enter-log.ts';

export interface RekorOptions {
  readonly rekorUrl: string;
  readonly rekorVersion?: string;
  /** Where a v2 Rekor's tiles are read, if not at its own address. */
  readonly rekorReadUrl?: string;
}

const VERSIONS = ['v1', 'v2', 'auto'] as const;

/** The statements lie in their files by now: submitted again after an interruption, they are the same entries. */
export async function enterRekor(
  context: Context,
  statements: readonly Signed[],
  { rekorUrl: url, rekorVersion: named = 'auto', rekorReadUrl: readUrl }: RekorOptions,
): Promise<readonly Entered[]> {
  const version = VERSIONS.find((one) => one === named);
  if (version === undefined)
    throw new QpoeError('usage', `--rekor-version ${named} is none`, `give ${VERSIONS.join(', ')}`);
  const logs = await rekorLogs(context);
  const entered: Entered[] = [];
  for (const statement of statements) {
    const service = {
      url,
      version,
      logs,
      signal: context.signal,
      ...(readUrl === undefined ? {} : { readUrl }),
    };
    const entry = await submitToRekor(service, statement);
    const host = logs.find(({ keyId }) => toBase64(keyId) === entry.logId.keyId)?.host ?? url;
    const existed = !addEntry(statement, entry);
    entered.push({ path: statement.path, log: host, index: Number(entry.logIndex), existed });
  }
  return entered;
}

/** Without the log's key no answer of it could be believed: it comes from the policy. */
async function rekorLogs({ home }: Context) {
  const policy = readOwnPolicy(home);
  const trust: Trust =
    policy === undefined ? { kind: 'nobody' } : { kind: 'policy', policy, path: home.policy };
  return (await evidenceMeans(trust)).rekors ?? [];
}

/** @returns whether it was added: not where there is one of the same log */
function addEntry(statement: Enterable, entry: LogEntry): boolean {
  return amendMaterial(statement, ({ entries }) =>
    entries.some(({ logId }) => logId.keyId === entry.logId.keyId)
      ? undefined
      : { tlogEntries: [...entries, entry] as unknown as JsonValue },
  );
}
