/** How far a long import is, and how long it may take: one line that is written over on a terminal, and now and then one in a file. */

import type { Context } from '../context.ts';

export interface Progress {
  step(): void;
  end(): void;
}

const FEW = 5;
const TERMINAL_EVERY_MS = 200;
const FILE_EVERY_MS = 15_000;

export function progressOf(context: Context, total: number): Progress {
  const isTerminal = process.stderr.isTTY === true && !context.isQuiet;
  const started = performance.now();
  let done = 0;
  let told = started;
  return {
    step: () => {
      done++;
      const now = performance.now();
      if (total < FEW || now - told < (isTerminal ? TERMINAL_EVERY_MS : FILE_EVERY_MS)) return;
      told = now;
      const left = ((now - started) / done) * (total - done);
      const line = `${done} of ${total} jobs, about ${duration(left)} left`;
      if (isTerminal) process.stderr.write(`\r${line}\u001b[K`);
      else context.note(line);
    },
    end: () => {
      if (isTerminal && told > started) process.stderr.write('\r\u001b[K');
    },
  };
}

function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  if (seconds < 90) return `${seconds} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
