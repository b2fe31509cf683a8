/**
 * Whose account asks, as the official client keeps it, so that a person configures nothing:
 *
 *     ~/.qiskit/qiskit-ibm.json   {"default-ibm-quantum-platform":{"channel":"ibm_quantum_platform","token":"…",
 *                                  "instance":"crn:…","url":"https://cloud.ibm.com","is_default_account":true}}
 *     QISKIT_IBM_TOKEN, QISKIT_IBM_INSTANCE, QISKIT_IBM_URL, QISKIT_IBM_CHANNEL, IAM_URL
 *
 * The key never stands in an argument, a message or anything that is written.
 */

import { isAbsolute, join } from 'node:path';
import * as z from 'zod/mini';
import { QpoeError } from '../core/error.ts';
import { JsonError, type JsonValue, parseJsonBytes } from '../core/json.ts';
import { printable } from '../core/printable.ts';
import { checkShape } from '../core/shape.ts';
import { lookAt, readWithStats } from '../store/files.ts';

export interface Account {
  /** In words, for messages: never the key. */
  readonly where: string;
  readonly token: string;
  /** A CRN, or the name of an instance; undefined where none is chosen. */
  readonly instance: string | undefined;
  readonly url: string;
  /** Whether the service is asked by its address inside IBM's cloud. */
  readonly isPrivate: boolean;
  readonly iamUrl: string | undefined;
  readonly searchUrl: string | undefined;
}

export interface AccountChoice {
  /** `--account`: a saved account's name, or a file. */
  readonly account?: string | undefined;
  /** `--instance`: instead of the account's own. */
  readonly instance?: string | undefined;
}

const saved = z.looseObject({
  token: z.optional(z.nullable(z.string())),
  instance: z.optional(z.nullable(z.string())),
  url: z.optional(z.nullable(z.string())),
  channel: z.optional(z.nullable(z.string())),
  private_endpoint: z.optional(z.nullable(z.boolean())),
  is_default_account: z.optional(z.nullable(z.boolean())),
});
type Saved = z.infer<typeof saved>;

const DEFAULT_URL = 'https://cloud.ibm.com';
const DEFAULT_CHANNEL = 'ibm_quantum_platform';
const CHANNELS = [DEFAULT_CHANNEL, 'ibm_cloud'];
const MAX_FILE_BYTES = 1_000_000;
const HINT =
  'save one with QiskitRuntimeService.save_account(token=…, instance="crn:…"), or set QISKIT_IBM_TOKEN and QISKIT_IBM_INSTANCE';

/** @param warn is told where others can read the file */
export function findAccount(
  choice: AccountChoice,
  environment: NodeJS.ProcessEnv,
  warn: (line: string) => void,
): Account {
  const { name, file } = locate(choice.account, environment);
  const found =
    choice.account === undefined && environment.QISKIT_IBM_TOKEN
      ? accountOfEnvironment(environment)
      : chooseSaved(readAccounts(file, warn), file, name, environment);
  const { token, where } = found;
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token))
    throw new QpoeError('usage', `${where} holds no API key`, HINT);
  return {
    where,
    token,
    instance: choice.instance ?? (found.instance || undefined),
    url: found.url || DEFAULT_URL,
    isPrivate: found.private_endpoint === true,
    iamUrl: environment.IAM_URL || undefined,
    searchUrl: environment.GLOBAL_SEARCH_URL || undefined,
  };
}

/** A name has no slash and no ending: everything else is a file. */
function locate(
  account: string | undefined,
  { HOME: home }: NodeJS.ProcessEnv,
): { name?: string; file: string } {
  if (account !== undefined && (/[/\\]|\.json$/.test(account) || lookAt(account)?.isFile()))
    return { file: account };
  if (!home || !isAbsolute(home))
    throw new QpoeError('usage', 'no home folder is known', 'set HOME, or name the file with --account FILE');
  const file = join(home, '.qiskit', 'qiskit-ibm.json');
  return account === undefined ? { file } : { name: account, file };
}

function accountOfEnvironment(environment: NodeJS.ProcessEnv): Saved & { where: string } {
  return {
    where: 'QISKIT_IBM_TOKEN',
    token: environment.QISKIT_IBM_TOKEN,
    instance: environment.QISKIT_IBM_INSTANCE,
    url: environment.QISKIT_IBM_URL,
  };
}

function readAccounts(file: string, warn: (line: string) => void): ReadonlyMap<string, Saved> {
  if (lookAt(file) === undefined) throw new QpoeError('usage', `no account: there is no ${file}`, HINT);
  const { bytes, stats } = readWithStats(file, MAX_FILE_BYTES);
  if (process.platform !== 'win32' && (stats.mode & 0o077) !== 0)
    warn(`others can read or write ${file}, which holds your API key: chmod 600 ${file}`);
  const value = parse(bytes, file);
  // One account alone, or several by name.
  const single = checkShape(z.looseObject({ token: z.string() }), value);
  const all = single.fault === undefined ? { default: value } : value;
  const shaped = checkShape(z.record(z.string(), saved), all);
  // What stands there instead could be the key: its value is not shown.
  if (shaped.fault !== undefined)
    throw new QpoeError('usage', `${file}: ${shaped.fault}`, 'it must be as the official client saves it');
  return new Map(Object.entries(shaped.value));
}

function parse(bytes: Uint8Array, file: string): JsonValue {
  try {
    return parseJsonBytes(bytes);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new QpoeError('usage', `${file}: ${error.message}`, 'it must be as the official client saves it');
  }
}

function chooseSaved(
  accounts: ReadonlyMap<string, Saved>,
  file: string,
  name: string | undefined,
  { QISKIT_IBM_CHANNEL: channel }: NodeJS.ProcessEnv,
): Saved & { where: string } {
  const names = [...accounts.keys()].map((known) => printable(known, 80)).join(', ') || 'none';
  const chosen = name ?? defaultName(accounts, channel || undefined);
  const account = chosen === undefined ? undefined : accounts.get(chosen);
  if (account === undefined)
    throw new QpoeError(
      'usage',
      name === undefined
        ? `${file} holds no default account`
        : `${file} holds no account "${printable(name, 80)}"`,
      `choose one with --account NAME: ${names}`,
    );
  return { ...account, where: `the account "${printable(chosen!, 80)}" in ${file}` };
}

/** In the official client's order: the one called default, of a channel the one with its name, then any of it. */
function defaultName(accounts: ReadonlyMap<string, Saved>, channel: string | undefined): string | undefined {
  // Accounts of the old channel lead to a service that is no more.
  const usable = [...accounts].filter(([, account]) => account.channel !== 'ibm_quantum');
  const marked = usable.find(
    ([, account]) =>
      account.is_default_account === true && (channel === undefined || account.channel === channel),
  );
  if (marked !== undefined) return marked[0];
  for (const wanted of channel === undefined ? CHANNELS : [channel]) {
    const name = `default-${wanted.replaceAll('_', '-')}`;
    const found =
      usable.find(([known]) => known === name) ?? usable.find(([, account]) => account.channel === wanted);
    if (found !== undefined) return found[0];
  }
  return usable.length === 1 ? usable[0]![0] : undefined;
}
