/** `qpoe completion SHELL` prints a shell's script; the script calls the hidden `qpoe complete` for the words. */

import tab from '@bomb.sh/tab/commander';
import type { Command } from 'commander';

export function addCompletion(program: Command): void {
  tab(program, { completionCommandName: 'completion' });
}
