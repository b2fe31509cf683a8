/** `qpoe policy init`: a commented policy that begins at a level. It overwrites nothing. */

import { QpoeError } from '../../core/error.ts';
import { printable } from '../../core/printable.ts';
import { lookAt, writeNew } from '../../store/files.ts';
import {
  firstPolicy,
  hasIdentity,
  type Identity,
  identityFingerprint,
  makeIdentity,
  type PolicyStart,
  readIdentity,
  refuseSignerName,
  trustOwnIdentity,
} from '../../store/identity.ts';
import { bundleDemands, LEVEL_NAMES, LEVELS, type Level } from '../../verify/policy-levels.ts';
import { type Context, readPassphrase } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { checkOut } from '../output.ts';
import { readWhen } from './when.ts';

export interface InitPolicyOptions {
  readonly name: string;
  readonly level: string;
  readonly existedBy?: string;
  readonly passphraseFile?: string;
  readonly out?: string;
}

export function initPolicy(context: Context, options: InitPolicyOptions): ExitCode {
  const { name, out, existedBy } = options;
  const start = { level: readLevel(options.level), existedBy: readWhen(existedBy, '--existed-by') };
  refuseSignerName(name);
  const passphrase = readPassphrase(context.environment, options.passphraseFile);
  const identity =
    out === undefined
      ? beginOwn(context, name, passphrase, start)
      : writeNamed(context, out, name, passphrase, start);
  const path = out ?? context.home.policy;
  context.say(`policy: ${printable(path)}, level ${start.level}: ${LEVELS[start.level].for}`);
  context.say(`trusts: "${name}"  ${identityFingerprint(identity)}`);
  context.note('`qpoe policy check` says what it still needs');
  const { level } = start;
  context.answer('policy-init', { policy: path, level, fingerprint: identityFingerprint(identity) });
  return EXIT.pass;
}

function readLevel(text: string): Level {
  const level = LEVEL_NAMES.find((known) => known === text);
  if (level !== undefined) return level;
  throw new QpoeError('usage', `--level ${printable(text)} is none`, `give ${LEVEL_NAMES.join(', ')}`);
}

function beginOwn(
  context: Context,
  name: string,
  passphrase: string | undefined,
  start: PolicyStart,
): Identity {
  const { home } = context;
  if (lookAt(home.policy) !== undefined) throw refuseTaken(home.policy, start);
  const identity = hasIdentity(home) ? readIdentity(home, passphrase) : makeOwn(context, passphrase);
  if (!trustOwnIdentity(home, name, identity, start)) throw refuseTaken(home.policy, start);
  return identity;
}

function makeOwn({ home, note }: Context, passphrase: string | undefined): Identity {
  const identity = makeIdentity(home, passphrase);
  note(`made your identity: ${home.identity}; keep a copy of it`);
  return identity;
}

function refuseTaken(path: string, { level }: PolicyStart): QpoeError {
  const demands = Object.entries(bundleDemands(level)).map(
    ([name, value]) => `${name} = ${JSON.stringify(value)}`,
  );
  const edit =
    demands.length === 0
      ? 'take its demands out'
      : `write under its [require.bundle]: ${demands.join(' · ')}`;
  return new QpoeError(
    'refused',
    `${path} is there already, and stays as it is`,
    `to have the level ${level} in it, ${edit}; or begin another with --out FILE`,
  );
}

/** A policy to hand on: it trusts the person's identity, and so is theirs to give. */
function writeNamed(
  context: Context,
  path: string,
  name: string,
  passphrase: string | undefined,
  start: PolicyStart,
): Identity {
  const { home } = context;
  checkOut(path);
  if (lookAt(path) !== undefined)
    throw new QpoeError(
      'refused',
      `${path} is there already`,
      'name a file that is not: nothing is overwritten',
    );
  const made = !hasIdentity(home);
  const identity = made ? makeOwn(context, passphrase) : readIdentity(home, passphrase);
  if (made) trustOwnIdentity(home, name, identity);
  writeNew(path, firstPolicy(name, identity, start));
  return identity;
}
