/** What every command is given: where things are, how to speak, and when to stop. */

import { resolve } from 'node:path';
import { utf8 } from '../core/bytes.ts';
import { QpoeError } from '../core/error.ts';
import { type Config, readConfig } from '../store/config.ts';
import { readWithStats } from '../store/files.ts';
import { defaultHome, type Home, homeAt, OTHERS_ANYTHING, refuseOthers } from '../store/home.ts';
import { answerText } from './answer.ts';
import { checkOut, writeOut } from './output.ts';

/** The options that every command takes. */
export interface CommonOptions {
  readonly home?: string;
  readonly store?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  /** Where the answer goes instead of stdout. */
  readonly out?: string;
  /** Is told of settings that can't be read, and there are none then; without it they end the command. */
  readonly onBadConfig?: (error: QpoeError) => void;
}

export interface Context {
  readonly environment: NodeJS.ProcessEnv;
  readonly home: Home;
  readonly config: Config;
  readonly storePath: string;
  readonly json: boolean;
  /** Whether nothing is to be told on stderr. */
  readonly isQuiet: boolean;
  readonly signal: AbortSignal;
  /** A line of the answer, on stdout. Silent with `--json`. */
  say(line: string): void;
  /** A line beside the answer, on stderr. Silent with `--quiet`. */
  note(line: string): void;
  /** The answer as one JSON object, where `--json` asks for it. */
  answer(command: string, content: object): void;
  /** Writes the answer to where `out` says. */
  finish(): void;
}

export function makeContext(
  options: CommonOptions,
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Context {
  if (options.home === '')
    throw new QpoeError('usage', '--home names no folder', 'leave it out, or name one');
  const home = homeAt(resolve(options.home ?? defaultHome(environment)));
  const config = readSettings(home, options.onBadConfig);
  const json = options.json === true;
  const { out } = options;
  checkOut(out);
  const kept: string[] = [];
  const print = (line: string): void => {
    if (out === undefined) process.stdout.write(`${line}\n`);
    else kept.push(`${line}\n`);
  };
  return {
    environment,
    home,
    config,
    storePath: options.store ?? (environment.QPOE_STORE || config.store || '.qpoe'),
    json,
    isQuiet: options.quiet === true,
    signal,
    say: (line) => {
      if (!json) print(line);
    },
    note: (line) => {
      if (options.quiet !== true) process.stderr.write(`${line}\n`);
    },
    answer: (command, content) => {
      if (json) print(answerText(command, content));
    },
    finish: () => {
      if (out !== undefined) writeOut(out, utf8(kept.join('')));
    },
  };
}

function readSettings(home: Home, onBad: CommonOptions['onBadConfig']): Config {
  try {
    return readConfig(home);
  } catch (error) {
    if (onBad === undefined || !(error instanceof QpoeError)) throw error;
    onBad(error);
    return {};
  }
}

/** The passphrase of the identity: from the file that `QPOE_PASSPHRASE_FILE` names, or from `QPOE_PASSPHRASE`. */
export function readPassphrase(environment: NodeJS.ProcessEnv, file?: string): string | undefined {
  const path = file ?? environment.QPOE_PASSPHRASE_FILE;
  if (!path) return environment.QPOE_PASSPHRASE || undefined;
  const { bytes, stats } = readWithStats(path, 10_000);
  refuseOthers(path, stats, OTHERS_ANYTHING);
  return bytes.toString('utf8').replace(/\r?\n$/, '');
}
