/** `qpoe log witness serve`: cosigns the checkpoints of logs that one knows, and never two trees of one log. */

import { QpoeError } from '../../core/error.ts';
import { printable } from '../../core/printable.ts';
import { serveWitness, type WitnessAnswer } from '../../online/witness-server.ts';
import { readOwnPolicy } from '../../store/home.ts';
import { logVkeys } from '../../store/log-key.ts';
import { createWitnessKey, readWitnessKey, witnessVkey } from '../../store/witness-key.ts';
import { formatVkey, type Vkey } from '../../tlog/vkey.ts';
import { policyLogs } from '../../verify/log-checks.ts';
import { type Context, readPassphrase } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { refuseListening } from '../listening.ts';
import { readVkey } from './log-place.ts';

export interface WitnessOptions {
  readonly host: string;
  readonly port: number;
  readonly prefix: string;
  /** Of the witness; only where it has no key yet. */
  readonly name?: string;
  /** Logs beside those of the policy. */
  readonly log?: readonly string[];
}

export async function serveAsWitness(context: Context, options: WitnessOptions): Promise<ExitCode> {
  const { home, environment, signal } = context;
  const { host, port, prefix } = options;
  refuseListening(host, port);
  if (!/^(?:\/[^/?#\s]+)*$/.test(prefix))
    throw new QpoeError(
      'usage',
      `--prefix ${printable(prefix, 200)} is none`,
      'begin it with /, and end it without: --prefix /witness',
    );
  const logs = findLogs(context, options.log ?? []);
  const passphrase = readPassphrase(environment);
  const existed = witnessVkey(home) !== undefined;
  const witness = existed
    ? readWitnessKey(home, passphrase)
    : createWitnessKey(home, passphrase, options.name);
  const onAnswer = (answer: WitnessAnswer) => context.note(describeAnswer(answer));
  const { url, closed } = await serveWitness({ host, port, prefix, witness, logs, signal, onAnswer });
  const vkey = formatVkey(witness.vkey);
  context.say(`witness ${vkey}`);
  context.say(`at      ${url}`);
  for (const { name } of logs) context.note(`  cosigns ${name}`);
  context.answer('log-witness-serve', { url, vkey, logs: logs.map(({ name }) => name) });
  await closed;
  return EXIT.pass;
}

function findLogs({ home }: Context, named: readonly string[]): readonly Vkey[] {
  const policy = readOwnPolicy(home);
  const own = new Set(logVkeys(home).map(formatVkey));
  const known = policy === undefined ? [] : [...policyLogs(policy).values()].map(({ vkey }) => vkey);
  // One's own log gains nothing from one's own signature.
  const logs = [...known.filter((vkey) => !own.has(formatVkey(vkey))), ...named.map(readVkey)];
  if (logs.length > 0) return logs;
  throw new QpoeError(
    'usage',
    'no log of others to cosign',
    'name one with --log VKEY, or add it to your policy',
  );
}

function describeAnswer({ status, origin, size, fault }: WitnessAnswer): string {
  const what =
    origin === undefined ? '' : ` ${printable(origin, 200)}${size === undefined ? '' : ` at ${size}`}`;
  return `${status}${what}${fault === undefined ? '' : `: ${printable(fault, 300)}`}`;
}
