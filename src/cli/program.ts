/** Which commands there are, and their help. What a command does is loaded when it is called. */

import { Command } from 'commander';
import { printable } from '../core/printable.ts';
import { addAnchor } from './anchor/commands.ts';
import { addAttest } from './attest/commands.ts';
import { addBundle } from './bundle/commands.ts';
import type { Run } from './command.ts';
import { addComparing } from './compare/commands.ts';
import { addDemo } from './demo/commands.ts';
import { addExamples } from './examples.ts';
import { addLog } from './log/commands.ts';
import { addInit, addMachineCommands } from './machine/commands.ts';
import { addPolicy } from './policy/commands.ts';
import { addPublish } from './publish/commands.ts';
import { addExec, addRecord } from './record/commands.ts';
import { addRun, addSdk } from './run/commands.ts';
import { addRuntime } from './runtime/commands.ts';
import { addFileCommands, addList } from './show/commands.ts';
import { addVerify } from './verify/commands.ts';
import { VERSION } from './version.ts';

/** Every command and what it takes; the manual is made from it. @param run is handed what a command does */
export function makeProgram(run: Run): Command {
  const program = new Command('qpoe')
    .description('Turns a quantum job into one signed file that says what ran, and verifies it offline.')
    .version(VERSION)
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(oneLine(text)) })
    .addHelpText('after', FURTHER);
  addRun(program, run);
  addVerify(program, run);
  addList(program, run);
  addComparing(program, run);
  addInit(program, run);
  addRecord(program, run);
  addExec(program, run);
  addFileCommands(program, run);
  addAttest(program, run);
  addBundle(program, run);
  addPublish(program, run);
  addPolicy(program, run);
  addLog(program, run);
  addAnchor(program, run);
  addRuntime(program, run);
  addSdk(program, run);
  addDemo(program, run);
  addMachineCommands(program, run);
  addExamples(program);
  return program;
}

/** Commander's error and its suggestion, as one line like every other. */
function oneLine(text: string): string {
  const [message = '', ...more] = text
    .trim()
    .replace(/^error: /, '')
    .split('\n');
  return `qpoe: ${printable([message, ...more].join(' '), 500)}; \`qpoe --help\` and \`qpoe COMMAND --help\` say more\n`;
}

const FIRST = ['run', 'bundle', 'verify', 'list', 'doctor'];

/** Help shows the five a beginner needs; completion offers every command. */
export function showFirstCommandsOnly(program: Command): void {
  const first = FIRST.map((name) => program.commands.find((command) => command.name() === name)!);
  program.configureHelp({
    visibleCommands: (shown) => (shown === program ? first : [...shown.commands]),
  });
}

const FURTHER = `
More commands (each has --help; the manual page, qpoe(1), has them all):
  make records           init, record, exec, runtime, sdk
  look at and compare    show, inspect, hash, compare, replay, demo
  sign, log and trust    attest, log, anchor, policy
  publish                publish, reproduce, cite, reveal
  for other programs     schema, completion

Exit codes:
  0 pass   1 fail   2 usage or unreadable   3 inconclusive
  4 something outside failed   130 interrupted

Examples:
  $ qpoe run --n-qubits 4 --depth 10 --seed 123 --shots 2000
  $ qpoe bundle last --out job.qpoe.json
  $ qpoe verify job.qpoe.json`;
