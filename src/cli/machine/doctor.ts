/**
 * `qpoe doctor`: what is wrong with this installation, and the cure. It looks for what people meet first: keys that can't be used, a policy
 * that doesn't know them, a folder or disk that takes no files, a log whose key is in another home, an SDK that isn't there; and a clock that is behind.
 */

import { toBase64 } from '../../core/bytes.ts';
import { count } from '../../core/count.ts';
import { QpoeError } from '../../core/error.ts';
import { printable } from '../../core/printable.ts';
import { formatTime, parseTime } from '../../core/time.ts';
import { SDK_NAMES } from '../../sdk/sdk-names.ts';
import { readOwnPolicy } from '../../store/home.ts';
import {
  hasIdentity,
  identityFingerprint,
  rawEd25519,
  readIdentity,
  sweepHome,
} from '../../store/identity.ts';
import { hasStore, listRecords, openStore, recordPath, sweepTemporaries } from '../../store/store.ts';
import type { Policy } from '../../verify/policy.ts';
import { findRecordSigner } from '../../verify/trust.ts';
import { readClock } from '../clock.ts';
import { type Context, readPassphrase } from '../context.ts';
import { EXIT, type ExitCode, errorLine } from '../exit.ts';
import { namedSdk } from '../run/sdk.ts';
import { readRecordFile } from '../show/read-record.ts';
import { type ChosenPolicy, choosePolicy } from '../verify/chosen-policy.ts';
import { VERSION } from '../version.ts';
import { examineLog } from './doctor-log.ts';
import { refuseUnwritable } from './doctor-place.ts';
import type { Finding, Level } from './finding.ts';

const GLYPHS: Readonly<Record<Level, string>> = { ok: '✓', note: '·', problem: '✗' };

/** @param badConfig why the settings are left out of what is looked at */
export async function doctor(context: Context, badConfig?: QpoeError): Promise<ExitCode> {
  const findings = [
    finding(
      'ok',
      'program',
      `qpoe ${VERSION} on Node ${process.versions.node}, ${process.platform} ${process.arch}`,
    ),
    ...(badConfig === undefined ? [] : [finding('problem', 'settings', errorLine(badConfig))]),
    diagnose('identity', () => examineIdentity(context)),
    diagnose('policy', () => examinePolicy(context)),
    diagnose('store', () => examineStore(context)),
    diagnose('log', () => examineLog(context)),
    diagnose('clock', () => examineClock(context)),
    ...examineChoice(context),
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

function examineIdentity(context: Context): [Level, string] {
  const { home, environment } = context;
  refuseUnwritable(home.path);
  if (!hasIdentity(home)) return examineNoIdentity(context);
  try {
    readIdentity(home, readPassphrase(environment));
  } catch (error) {
    if (!(error instanceof QpoeError) || error.hint !== undefined) throw error;
    const cure = `put ${home.identity} back from your copy of it, or name another home and make new keys: qpoe init --home DIR`;
    throw new QpoeError(error.code, error.message, cure, { cause: error });
  }
  const swept = sweepHome(home);
  return [
    'ok',
    `${home.identity}${swept > 0 ? `; removed ${count(swept, 'folder')} of keys left half made` : ''}`,
  ];
}

/** Before the first run there are none; later they are lost, and the next run would sign with others, which the policy doesn't know. */
function examineNoIdentity(context: Context): [Level, string] {
  const { home, storePath } = context;
  const newest = newestKey(context);
  const policy = readOwnPolicy(home);
  const signer = newest == null || policy === undefined ? undefined : findRecordSigner(policy, newest);
  if (signer === undefined) return ['note', 'none yet; the first `qpoe run`, or `qpoe init`, makes one'];
  return [
    'problem',
    `the policy trusts "${signer.name}", who signed the newest record of ${storePath}, and the keys are gone: put ${home.identity} back ` +
      'from your copy of it before the next run makes new ones; where that store is shared, and no keys were here yet: qpoe init',
  ];
}

/** What signed the newest record of the store, if anything did. */
function newestKey({ storePath }: Context): string | null | undefined {
  if (!hasStore(storePath)) return undefined;
  const store = openStore(storePath);
  const [newest] = listRecords(store).rows;
  return newest && readRecordFile(recordPath(store, newest.record_id)).record.public_key;
}

function examinePolicy(context: Context): [Level, string] {
  const { home } = context;
  const chosen = choosePolicy(context, undefined);
  if (chosen === undefined)
    return hasIdentity(home)
      ? ['problem', `no ${home.policy}: nothing you verify can pass; \`qpoe init\` makes it`]
      : ['note', 'none yet; it comes with the identity'];
  const { policy, path } = chosen;
  const trusted = (policy.signer ?? []).map(({ name }) => `"${name}"`).join(', ') || 'no one';
  const stranger = strangerTo(context, chosen);
  if (stranger === undefined) return ['ok', `${path} trusts ${trusted}`];
  if (path !== home.policy) return ['note', `${path} trusts ${trusted}, and not your own keys`];
  const carried = newestKey(context) === stranger.key ? '' : 'qpoe run && ';
  return [
    'problem',
    `${path} doesn't know your own keys, so that nothing you sign passes; ${carried}qpoe bundle last --out own.qpoe.json && ` +
      `qpoe policy add-signer ${freeName(policy)} --from own.qpoe.json --fingerprint ${stranger.fingerprint}`,
  ];
}

/** The keys that came before have the first one. */
function freeName({ signer = [] }: Policy): string {
  const taken = new Set(signer.map(({ name }) => name));
  let name = 'me';
  for (let at = 2; taken.has(name); at++) name = `me-${at}`;
  return name;
}

interface Stranger {
  /** The record key, as records name it. */
  readonly key: string;
  readonly fingerprint: string;
}

/** The identity, where the policy doesn't know its record key. What is wrong with the keys themselves is said elsewhere. */
function strangerTo({ home, environment }: Context, { policy }: ChosenPolicy): Stranger | undefined {
  if (!hasIdentity(home)) return undefined;
  try {
    const identity = readIdentity(home, readPassphrase(environment));
    const key = toBase64(rawEd25519(identity.ed25519));
    if (findRecordSigner(policy, key) !== undefined) return undefined;
    return { key, fingerprint: identityFingerprint(identity) };
  } catch (error) {
    if (error instanceof QpoeError) return undefined;
    throw error;
  }
}

function examineStore({ storePath }: Context): [Level, string] {
  refuseUnwritable(storePath);
  if (!hasStore(storePath)) return ['note', `none at ${storePath} yet; the first record makes it`];
  const store = openStore(storePath);
  const swept = sweepTemporaries(store);
  const { rows, strange } = listRecords(store);
  if (strange.length > 0)
    return [
      'problem',
      `${storePath}: in records/ lie ${count(strange.length, 'file')} that hold no record: ${strange.slice(0, 3).join(', ')}`,
    ];
  return [
    'ok',
    `${storePath}: ${count(rows.length, 'record')}${swept > 0 ? `; removed ${count(swept, 'file')} that a killed writer left` : ''}`,
  ];
}

/** Clocks are corrected by seconds and minutes; a machine without a battery, or a paused one, is off by more. */
const CLOCK_TOLERANCE_MS = 300_000;

function examineClock({ storePath }: Context): [Level, string] {
  const now = readClock();
  const made = hasStore(storePath) ? listRecords(openStore(storePath)).rows : [];
  const latest = Math.max(0, ...made.map(({ created_at }) => parseTime(created_at) ?? 0));
  return latest > now + CLOCK_TOLERANCE_MS
    ? [
        'problem',
        `${formatTime(now)}, before the newest record of ${storePath} (${formatTime(latest)}): records would say a wrong time; ` +
          'set the clock (`timedatectl set-ntp true` on Linux)',
      ]
    : ['ok', formatTime(now)];
}

/** An SDK by a name that none has. */
function examineChoice({ environment, config, home }: Context): Finding[] {
  const wanted = environment.QPOE_SDK || config.sdk;
  if (wanted === undefined || SDK_NAMES.includes(wanted)) return [];
  const where = environment.QPOE_SDK ? 'QPOE_SDK' : home.config;
  const text = `${where} asks for "${wanted}", and no SDK has that name; choose one of: ${SDK_NAMES.join(', ')}`;
  return [finding('problem', 'sdk', text)];
}

/** The simulator is always there: an SDK that is missing is a problem only to who asked for it. */
async function examineSdk(context: Context, name: string): Promise<Finding> {
  const status = await namedSdk(context, name, undefined).status();
  if (status.usable) return finding('ok', name, `${status.version}, ${status.where}`);
  const wanted = (context.environment.QPOE_SDK || context.config.sdk) === name;
  return finding(wanted ? 'problem' : 'note', name, `${status.reason}; ${status.hint}`);
}
