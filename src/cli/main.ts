/** The command line from its arguments to its exit code: errors, signals and output that can't be written. */

import { CommanderError } from 'commander';
import { QpoeError } from '../core/error.ts';
import { answerText } from './answer.ts';
import { makeContext } from './context.ts';
import { EXIT, type ExitCode, errorLine, exitCodeOf } from './exit.ts';
import { makeProgram, showFirstCommandsOnly } from './program.ts';
import { silenceExperimentalWarnings } from './warnings.ts';

/** @returns the exit code */
export async function main(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  silenceExperimentalWarnings();
  watchOutput();
  const { signal, stopped } = leavesSignals(args) ? neverStop() : listenForStop();
  let exit: number = EXIT.pass;
  const program = makeProgram(async (options, action) => {
    const context = makeContext(options, environment, signal);
    exit = await action(context);
    context.finish();
  });
  try {
    if (args[0] === 'completion' || args[0] === 'complete') {
      const { addCompletion, completionLines } = await import('./machine/completion.ts');
      addCompletion(program);
      if (args[0] === 'complete') {
        process.stdout.write(
          completionLines(program, args.slice(2))
            .map((line) => `${line}\n`)
            .join(''),
        );
        return EXIT.pass;
      }
    } else showFirstCommandsOnly(program);
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    exit = reportError(error, args, environment);
  }
  return stopped() ? EXIT.interrupted : exit;
}

function reportError(error: unknown, args: readonly string[], environment: NodeJS.ProcessEnv): ExitCode {
  if (error instanceof CommanderError) {
    // Commander has printed its own line, or the help that was asked for.
    if (error.exitCode === 0) return EXIT.pass;
    answerError(args, { code: 'usage', message: error.message });
    return EXIT.usage;
  }
  const known =
    error instanceof QpoeError
      ? error
      : new QpoeError(
          'external',
          `something in qpoe itself failed: ${String(error)}`,
          'run again with QPOE_DEBUG=1 and report it',
        );
  process.stderr.write(`qpoe: ${errorLine(known)}\n`);
  if (environment.QPOE_DEBUG) process.stderr.write(`${(error as Error).stack}\n`);
  answerError(args, known);
  return exitCodeOf(known);
}

function answerError(
  args: readonly string[],
  { code, message, hint }: { code: string; message: string; hint?: string | undefined },
): void {
  if (args.includes('--json')) process.stdout.write(`${answerText('error', { code, message, hint })}\n`);
}

/** `qpoe list | head` closes our stdout early: that is no failure. An answer that can't be written is one, and no verdict. */
function watchOutput(): void {
  process.stderr.on('error', () => process.exit(EXIT.external));
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    process.stderr.write(`qpoe: can't write the answer to stdout: ${error.message}\n`);
    process.exit(EXIT.external);
  });
}

/**
 * Of a command that runs another, the signals are that one's. What only reads a stranger's evidence has nothing to end, and is ended by
 * the system: while it reckons, no listener of ours would be called, and whoever made the evidence says for how long it reckons.
 */
function leavesSignals(args: readonly string[]): boolean {
  const [command = ''] = args;
  const startsNone = !args.some((flag) => /^--python(?:=|$)/.test(flag));
  return command === 'exec' || (['verify', 'cite'].includes(command) && startsNone);
}

/** The first Ctrl-C lets a command end what it started; the second ends at once. */
function listenForStop(): { signal: AbortSignal; stopped: () => boolean } {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    controller.abort();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return { signal: controller.signal, stopped: () => controller.signal.aborted };
}

function neverStop(): { signal: AbortSignal; stopped: () => boolean } {
  return { signal: new AbortController().signal, stopped: () => false };
}
