/**
 * Mutated OpenQASM, read: only a QpoeError may come out, soon, and in little memory.
 *
 *     node scripts/fuzz-openqasm.ts [cases] [seed]
 */

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readOpenQasm } from '../src/circuit/read-openqasm.ts';
import { emitForSdk } from '../src/circuit/sdk-text.ts';
import { QpoeError } from '../src/core/error.ts';
import {
  busyMs,
  HANG_MS,
  MEGABYTE,
  MOST_GROWTH,
  mutateBytes,
  peakMegabytes,
  pick,
  type Random,
  randomOf,
  resetPeak,
} from './fuzzing.ts';

export interface FuzzReport {
  readonly cases: number;
  readonly read: number;
  readonly refused: number;
  readonly milliseconds: number;
  readonly slowest: { readonly milliseconds: number; readonly name: string; readonly text: string };
  /** What a case threw that is no QpoeError. */
  readonly crashes: readonly { readonly name: string; readonly text: string; readonly error: unknown }[];
}

interface Case {
  readonly name: string;
  readonly text: string;
}

function readSeeds(): string[] {
  const folder = new URL('../vectors/openqasm/', import.meta.url);
  // Those that are read twice: from them a mutation gets further.
  return ['read', 'read', 'refused'].flatMap((kind) =>
    readdirSync(new URL(`${kind}/`, folder)).map((name) =>
      readFileSync(new URL(`${kind}/${name}`, folder), 'utf8'),
    ),
  );
}

const TOKENS = /\s+|\/\/[^\n]*|[A-Za-z_$][\w]*|[0-9.]+(?:e[+-]?[0-9]+)?|"[^"]*"|->|==|./gsu;

const NASTY = [
  ...[
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    ';',
    ',',
    '->',
    '==',
    '=',
    '@',
    '"',
    '/*',
    '*/',
    '//',
    '^',
    '**',
    '-',
    '!',
    ':',
  ],
  ...[
    '0',
    '-1',
    '1e308',
    '1e-320',
    '99999999999999999999',
    '0x',
    '1_0',
    'pi',
    'ln',
    'gate',
    'if',
    'else',
    'for',
    'in',
  ],
  ...[
    'ctrl',
    'negctrl(3)',
    'inv',
    'pow(-1000000)',
    'pow(0.5)',
    'gphase',
    'measure',
    'reset',
    'barrier',
    'let',
    'input',
  ],
  ...[
    'const',
    'qubit',
    'bit',
    'qreg',
    'creg',
    'include',
    'OPENQASM',
    '$0',
    '$9999999999',
    'constructor',
    '__proto__',
  ],
  ...[
    'toString',
    '\0',
    '\ufeff',
    '\ud800',
    'é',
    '\u202e',
    '💥',
    '\r\n',
    '++',
    '&&',
    '||',
    'true',
    'def',
    'opaque',
    'U',
  ],
];

function mutateTokens(random: Random, text: string, other: string): string {
  const tokens = text.match(TOKENS) ?? [''];
  const others = other.match(TOKENS) ?? [''];
  for (let edits = 1 + random(4); edits > 0; edits--) {
    const at = random(tokens.length);
    const kind = random(6);
    if (kind === 0) tokens.splice(at, 1 + random(3));
    else if (kind === 1) tokens.splice(at, 0, pick(random, NASTY));
    else if (kind === 2) tokens[at] = pick(random, NASTY);
    else if (kind === 3) tokens[at] = pick(random, others);
    else if (kind === 4) tokens.splice(at, 0, ...others.slice(random(others.length)).slice(0, 12));
    else tokens.splice(at, 0, ...tokens.slice(random(tokens.length)).slice(0, 12));
  }
  return tokens.join('');
}

/** Statements moved, repeated, dropped or borrowed: most of these still parse. */
function mutateStatements(random: Random, text: string, other: string): string {
  const statements = text.split(/(?<=[;}\n])/);
  const others = other.split(/(?<=[;}\n])/);
  for (let edits = 1 + random(5); edits > 0; edits--) {
    // What comes first is the version, and the include.
    const at = Math.min(statements.length, 4) + random(statements.length);
    const kind = random(4);
    if (kind === 0) statements.splice(at, 1);
    else if (kind === 1) statements.splice(at, 0, pick(random, statements));
    else if (kind === 2) statements.splice(at, 0, pick(random, others));
    else statements.splice(at, 0, statements.splice(random(statements.length), 1)[0] ?? '');
  }
  return statements.join('');
}

/** A number for a number, a name for a name. */
function mutateLikes(random: Random, text: string): string {
  const tokens = text.match(TOKENS) ?? [''];
  for (let edits = 1 + random(4); edits > 0; edits--) {
    const at = random(tokens.length);
    const like = [/^[0-9]/, /^[a-z]/i].find((pattern) => pattern.test(tokens[at]!));
    if (like !== undefined)
      tokens[at] = pick(
        random,
        tokens.filter((token) => like.test(token)),
      );
  }
  return tokens.join('');
}

function mutateUtf8(random: Random, text: string): string {
  return new TextDecoder().decode(mutateBytes(random, new TextEncoder().encode(text)));
}

/** A piece of it, over and over: up to a megabyte. */
function grow(random: Random, text: string): string {
  const from = random(text.length);
  const piece = text.slice(from, from + 1 + random(30));
  const times = Math.floor((random(10) === 0 ? MEGABYTE : 20_000) / piece.length);
  return text.slice(0, from) + piece.repeat(times) + text.slice(from);
}

function mutate(random: Random, seeds: readonly string[]): string {
  const text = pick(random, seeds);
  const kind = random(20);
  if (kind === 0) return grow(random, text);
  if (kind < 4) return mutateUtf8(random, text);
  if (kind < 10) return mutateTokens(random, text, pick(random, seeds));
  return kind < 15 ? mutateLikes(random, text) : mutateStatements(random, text, pick(random, seeds));
}

const HEADER_2 = 'OPENQASM 2.0;\ninclude "qelib1.inc";\n';
const HEADER_3 = 'OPENQASM 3.0;\ninclude "stdgates.inc";\n';
const full = (piece: string): string => piece.repeat(Math.floor(MEGABYTE / piece.length));

/** A megabyte each of what a parser may do badly with. */
const LARGE: readonly { readonly name: string; readonly text: () => string }[] = [
  { name: 'gates', text: () => `${HEADER_2}qreg q[9];\n${full('x q;\n')}` },
  { name: 'gates with angles', text: () => `${HEADER_2}qreg q[1];\n${full('u3(1,2,3) q;')}` },
  { name: 'one expression', text: () => `${HEADER_2}qreg q[1];\nrx(${full('1+')}1) q;` },
  { name: 'parentheses', text: () => `${HEADER_2}qreg q[1];\nrx(${full('(')}` },
  { name: 'minus signs', text: () => `${HEADER_2}qreg q[1];\nrx(${full('-')}1) q;` },
  { name: 'powers', text: () => `${HEADER_2}qreg q[1];\nrx(${full('2^')}1) q;` },
  { name: 'functions', text: () => `${HEADER_2}qreg q[1];\n${full('rx(exp(.1)) q;')}` },
  { name: 'arguments', text: () => `${HEADER_2}qreg q[1];\nrx(${full('1,')}1) q;` },
  { name: 'operands', text: () => `${HEADER_2}qreg q[9];\ncx ${full('q[0],')}q[1];` },
  { name: 'braces', text: () => `${HEADER_3}qubit q;\nbit c;\n${full('if (c) { ')}` },
  { name: 'includes', text: () => `OPENQASM 2.0;${full('include "qelib1.inc";')}` },
  { name: 'gates in gates', text: () => HEADER_2 + full('gate g a {') },
  { name: 'ifs in ifs', text: () => `${HEADER_2}qreg q[1];\ncreg c[1];\n${full('if (c==1) ')}` },
  { name: 'brackets', text: () => `${HEADER_3}qubit q;\nx q${full('[')}` },
  { name: 'loops', text: () => `${HEADER_3}qubit q;\n${full('for int i in [0:9] ')}` },
  { name: 'modifiers', text: () => `${HEADER_3}qubit q;\n${full('inv @ ')}x q;` },
  { name: 'controls', text: () => `${HEADER_3}qubit[101] q;\n${full('ctrl(100) @ x q[0];')}` },
  { name: 'one name', text: () => `${HEADER_2}qreg ${full('a')}[1];` },
  { name: 'one number', text: () => `${HEADER_2}qreg q[1];\nrx(${full('9')}) q;` },
  { name: 'one condition value', text: () => `${HEADER_2}qreg q[1];\ncreg c[2];\nif (c==${full('9')}) x q;` },
  { name: 'one comment', text: () => `${HEADER_2}//${full('x')}` },
  { name: 'comments', text: () => HEADER_2 + full('//\n') },
  { name: 'one string', text: () => `include "${full('x')}";` },
  { name: 'semicolons', text: () => HEADER_2 + full(';') },
  { name: 'spaces', text: () => full(' ') },
  { name: 'zero bytes', text: () => full('\0') },
  { name: 'unknown characters', text: () => full('§') },
  {
    name: 'empty gates',
    text: () => `${HEADER_2}${Array.from({ length: 40_000 }, (_, i) => `gate g${i} a {}`).join('\n')}`,
  },
  {
    name: 'a chain of gates',
    text: () =>
      `${HEADER_2}gate g0 a {h a;}${Array.from({ length: 30_000 }, (_, i) => `gate g${i + 1} a {g${i} a;}`).join('\n')}`,
  },
  { name: 'one gate body', text: () => `${HEADER_2}gate g a {${full('h a;')}}\nqreg q[4];\ng q;` },
  {
    name: 'a deep expression in a gate',
    text: () =>
      `${HEADER_2}gate g(t) a {rx(${'(t+'.repeat(200)}t${')'.repeat(200)}) a;}\nqreg q[9];\n${full('g(1) q;')}`,
  },
  {
    name: 'registers',
    text: () => HEADER_2 + Array.from({ length: 60_000 }, (_, i) => `creg c${i}[1];`).join('\n'),
  },
  { name: 'barriers', text: () => `${HEADER_2}qreg q[10000];\n${full('barrier q;')}` },
  { name: 'wide gates', text: () => `${HEADER_2}qreg q[10000];\n${full('u3(1,2,3) q;')}` },
  {
    name: 'wide measurements',
    text: () => `${HEADER_2}qreg q[10000];\ncreg c[10000];\n${full('measure q->c;')}`,
  },
  { name: 'wide conditions', text: () => `${HEADER_2}qreg q[1];\ncreg c[10000];\n${full('if (c==1) x q;')}` },
  { name: 'conditions', text: () => `${HEADER_2}qreg q[1];\ncreg c[2];\n${full('if(c==1)x q;')}` },
  { name: 'sets', text: () => `${HEADER_3}qubit[2] q;\nx q[{${full('0,')}1}];` },
  { name: 'aliases', text: () => `${HEADER_3}qubit[100] q;\nlet a = ${full('q++')}q;` },
  {
    name: 'a loop of everything',
    text: () =>
      `${HEADER_3}qubit[2] q;\nfor int i in [0:9999] { for int j in [0:9999] { ${'rx(i*j+exp(i)) q;'.repeat(1000)} } }`,
  },
  {
    name: 'a loop of nothing',
    text: () => `${HEADER_3}qubit[2] q;\nfor int i in [0:3000] { for int j in [0:3000] { } }`,
  },
  {
    name: 'a loop over a comment',
    text: () => `${HEADER_3}qubit[2] q;\nfor int i in [0:999999] { /*${full(' ')}*/ x q[0]; }`,
  },
];

/** One for each way of writing; those that refuse some circuits last. */
const SDKS = ['qiskit', 'cirq', 'qdk', 'braket', 'pennylane'];

function readOne({ name, text }: Case): 'read' | 'refused' | { readonly error: unknown } {
  try {
    const { circuit } = readOpenQasm(text, name);
    // Emission of what was read is part of what a person waits for; a million operations have no more to show.
    if (circuit.operations.length < 10_000) {
      for (const sdk of SDKS) emitForSdk(sdk, circuit);
    }
    return 'read';
  } catch (error) {
    return error instanceof QpoeError ? 'refused' : { error };
  }
}

/** Reads mutations of the committed files, one seed after the other. */
export function fuzzOpenQasm(cases: number, seed: number): FuzzReport {
  const seeds = readSeeds();
  const random = randomOf(seed);
  const report = { read: 0, refused: 0, slowest: { milliseconds: 0, name: '', text: '' } };
  const crashes: FuzzReport['crashes'][number][] = [];
  const start = performance.now();
  for (let index = 0; index < cases; index++) {
    const each = { name: `case ${index}`, text: mutate(random, seeds) };
    const began = busyMs();
    const outcome = readOne(each);
    const milliseconds = busyMs() - began;
    if (milliseconds > report.slowest.milliseconds) report.slowest = { ...each, milliseconds };
    if (typeof outcome === 'string') report[outcome]++;
    else crashes.push({ ...each, error: outcome.error });
  }
  return { ...report, cases, milliseconds: performance.now() - start, crashes };
}

interface LargeReport {
  readonly name: string;
  readonly milliseconds: number;
  readonly megabytes: number;
  readonly crash: string | undefined;
}

/** One large text in this process: its memory is what that takes, at its peak, beyond what it had before. */
function readLarge(name: string): LargeReport {
  const found = LARGE.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no large text is named ${name}`);
  const text = found.text();
  const before = resetPeak();
  const start = busyMs();
  const outcome = readOne({ name, text });
  const milliseconds = busyMs() - start;
  const crash = typeof outcome === 'string' ? undefined : String(outcome.error);
  return { name, milliseconds, megabytes: peakMegabytes() - before, crash };
}

function readEachLarge(): LargeReport[] {
  const script = fileURLToPath(import.meta.url);
  return LARGE.map(({ name }) => {
    const done = spawnSync(process.execPath, [script, '--large', name], { encoding: 'utf8' });
    if (done.status !== 0) throw new Error(done.stderr);
    return JSON.parse(done.stdout);
  });
}

function report(cases: number, seed: number): boolean {
  const { slowest, crashes, ...fuzzed } = fuzzOpenQasm(cases, seed);
  const large = readEachLarge();
  const slowestLarge = large.toSorted((a, b) => b.milliseconds - a.milliseconds)[0]!;
  const largest = large.toSorted((a, b) => b.megabytes - a.megabytes)[0]!;
  console.log(`${fuzzed.cases} mutations in ${(fuzzed.milliseconds / 1000).toFixed(1)} s, seed ${seed}`);
  console.log(`${fuzzed.read} read, ${fuzzed.refused} refused, ${crashes.length} crashed`);
  console.log(`slowest: ${slowest.name}, ${slowest.milliseconds.toFixed(0)} ms`);
  console.log(`${large.length} texts of a megabyte, each in a process of its own`);
  console.log(`slowest: ${slowestLarge.name}, ${slowestLarge.milliseconds.toFixed(0)} ms`);
  console.log(`most memory, beyond Node's own: ${largest.name}, ${largest.megabytes.toFixed(0)} MB`);
  for (const { name, text, error } of crashes) console.log(name, error, JSON.stringify(text.slice(0, 400)));
  for (const { name, crash } of large) if (crash !== undefined) console.log(name, crash);
  const quick = Math.max(slowest.milliseconds, slowestLarge.milliseconds) <= HANG_MS;
  return (
    quick &&
    largest.megabytes <= MOST_GROWTH &&
    crashes.length === 0 &&
    large.every(({ crash }) => crash === undefined)
  );
}

if (import.meta.main) {
  const [first = '20000', second = '1'] = process.argv.slice(2);
  if (first === '--large') console.log(JSON.stringify(readLarge(second)));
  else process.exitCode = report(Number(first), Number(second)) ? 0 : 1;
}
