/** What every command is given: where things are, how to speak, and when to stop. */

import { resolve } from 'node:path';
import { answerType } from '../core/identifiers.ts';
import { type Config, readConfig } from '../store/config.ts';
import { readBounded } from '../store/files.ts';
import { defaultHome, type Home, homeAt } from '../store/home.ts';

/** The options that every command takes. */
export interface CommonOptions {
  readonly home?: string;
  readonly store?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export interface Context {
  readonly environment: NodeJS.ProcessEnv;
  readonly home: Home;
  readonly config: Config;
  readonly storePath: string;
  readonly json: boolean;
  readonly signal: AbortSignal;
  /** A line of the answer, on stdout. Silent with `--json`. */
  say(line: string): void;
  /** A line beside the answer, on stderr. Silent with `--quiet`. */
  note(line: string): void;
  /** The answer as one JSON object, where `--json` asks for it. */
  answer(command: string, content: object): void;
}

export function makeContext(
  options: CommonOptions,
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Context {
  const home = homeAt(resolve(options.home ?? defaultHome(environment)));
  const config = readConfig(home);
  const json = options.json === true;
  return {
    environment,
    home,
    config,
    storePath: options.store ?? environment.QPOE_STORE ?? config.store ?? '.qpoe',
    json,
    signal,
    say: (line) => {
      if (!json) process.stdout.write(line + '\n');
    },
    note: (line) => {
      if (options.quiet !== true) process.stderr.write(line + '\n');
    },
    answer: (command, content) => {
      if (json) process.stdout.write(JSON.stringify({ type: answerType(command), ...content }) + '\n');
    },
  };
}

/** The passphrase of the identity: from the file that `QPOE_PASSPHRASE_FILE` names, or from `QPOE_PASSPHRASE`. */
export function readPassphrase(environment: NodeJS.ProcessEnv, file?: string): string | undefined {
  const path = file ?? environment.QPOE_PASSPHRASE_FILE;
  if (path === undefined) return environment.QPOE_PASSPHRASE;
  return readBounded(path, 10_000)
    .toString('utf8')
    .replace(/\r?\n$/, '');
}
