/**
 * `qpoe exec -- COMMAND`: runs a command so that every Python in it that runs a job leaves a capture (python/bootstrap), and
 * records those. The command is the person's: its streams, signals and exit code pass through, and whatever fails here is
 * said on stderr and changes nothing for it.
 */

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { QpoeError } from '../../core/error.ts';
import { printable } from '../../core/printable.ts';
import { packageRoot } from '../../store/package-root.ts';
import { closeSpool, listSpool, openSpool } from '../../store/spool.ts';
import { openOrCreateStore, type Store } from '../../store/store.ts';
import { uuidV7 } from '../../store/uuid.ts';
import { readClock } from '../clock.ts';
import type { Context } from '../context.ts';
import { errorLine } from '../exit.ts';
import { type Drain, drainSpool } from './drain.ts';
import { givenLabels, type LabelOptions } from './labels.ts';
import { findSigners, type SigningOptions } from './signing.ts';

export type ExecOptions = SigningOptions & LabelOptions;

/** @returns the command's exit code; 128 and the signal's number where a signal ended it, as shells have it */
export async function exec(
  context: Context,
  command: readonly string[],
  options: ExecOptions,
): Promise<number> {
  const place = prepare(context);
  const environment = place === undefined ? context.environment : spoolingInto(context, place.spool);
  const recorder = place === undefined ? undefined : startRecorder(context, place, options);
  try {
    return await runCommand(command, environment);
  } finally {
    await recorder?.finish();
  }
}

interface Place {
  readonly store: Store;
  readonly spool: string;
}

/** Without a place to record into, the command still runs. */
function prepare(context: Context): Place | undefined {
  try {
    const store = openOrCreateStore(context.storePath);
    const above = openSpool(join(store.path, 'spool'));
    return { store, spool: openSpool(join(above, `run-${uuidV7(readClock())}`)) };
  } catch (error) {
    if (!(error instanceof QpoeError)) throw error;
    complain(`nothing will be recorded: ${errorLine(error)}`);
    return undefined;
  }
}

/** Always said, also with `--quiet`: a run that the person believes recorded must not be lost in silence. */
function complain(line: string): void {
  process.stderr.write(`qpoe: ${line}\n`);
}

/** Where the Python package lies: in a clone, and in the wheel, which holds this program inside the package. */
function pythonFolders(): { readonly bootstrap: string; readonly packages: string } {
  const root = packageRoot();
  const bootstrap = join(root, 'python', 'bootstrap');
  const inClone = join(root, 'python');
  return { bootstrap, packages: existsSync(join(inClone, 'qpoe')) ? inClone : resolve(root, '../..') };
}

function spoolingInto({ environment }: Context, spool: string): NodeJS.ProcessEnv {
  const { bootstrap, packages } = pythonFolders();
  const path = environment.PYTHONPATH;
  return {
    ...environment,
    PYTHONPATH: path ? `${bootstrap}${delimiter}${path}` : bootstrap,
    QPOE_EXEC_PACKAGES: packages,
    QPOE_EXEC_SPOOL: resolve(spool),
  };
}

/** The signals that are sent to this process alone; Ctrl-C reaches both. */
const FORWARDED = ['SIGTERM', 'SIGHUP'] as const;

function runCommand([program = '', ...args]: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const { promise, resolve: settle, reject } = Promise.withResolvers<number>();
  const child = spawn(program, args, { stdio: 'inherit', env });
  const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
  // What Ctrl-C means is the command's to decide: this process only waits for it.
  const wait = (): void => {};
  process.on('SIGINT', wait);
  for (const signal of FORWARDED) process.on(signal, forward);
  const stop = (): void => {
    process.off('SIGINT', wait);
    for (const signal of FORWARDED) process.off(signal, forward);
  };
  child.on('error', (cause) => {
    stop();
    reject(notStarted(program, cause));
  });
  child.on('close', (code, signal) => {
    stop();
    settle(code ?? 128 + (constants.signals[signal!] ?? 0));
  });
  return promise;
}

function notStarted(program: string, cause: NodeJS.ErrnoException): QpoeError {
  const reason = cause.code === 'ENOENT' ? 'no such program' : cause.message;
  return new QpoeError(
    'usage',
    `can't start ${printable(program)}: ${printable(reason)}`,
    'write the command after `--`: qpoe exec -- python script.py',
    { cause },
  );
}

interface Recorder {
  /** Records what is left, and says how many there were. */
  finish(): Promise<void>;
}

const LOOK_MS = 1000;

/** Records while the command runs, so that little is left to do at its end. */
function startRecorder(context: Context, { store, spool }: Place, options: ExecOptions): Recorder {
  let recorded = 0;
  let fault: QpoeError | undefined;
  let turn: Promise<void> = Promise.resolve();
  let drain: Drain | undefined;
  const look = async (): Promise<void> => {
    if (fault !== undefined || listSpool(spool).length === 0) return;
    try {
      drain ??= {
        context,
        store,
        signers: findSigners(context, options),
        words: { labels: givenLabels(options) },
      };
      recorded += (await drainSpool(drain, spool)).kept.length;
    } catch (error) {
      if (!(error instanceof QpoeError)) throw error;
      fault = error;
    }
  };
  const timer = setInterval(() => {
    turn = turn.then(look);
  }, LOOK_MS);
  return {
    finish: async () => {
      clearInterval(timer);
      await turn;
      await look();
      const left = listSpool(spool).length;
      if (fault !== undefined)
        complain(
          `${left} jobs are not recorded: ${errorLine(fault)}; they wait in ${spool}, for: qpoe record --capture ${spool}`,
        );
      if (left === 0) closeSpool(spool);
      context.note(`qpoe: ${recorded} ${recorded === 1 ? 'record' : 'records'} in ${store.path}`);
    },
  };
}
