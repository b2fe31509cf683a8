/**
 * QDK's WebAssembly simulator behind the runner protocol (docs/runner-protocol.md), in a process of its own:
 *
 *     node qdk-runner.js <folder of qsharp-lang>
 *
 * Its API takes no seed. But the simulator asks `crypto.getRandomValues` for its key, once, before its first shot: so that is
 * replaced here by a stream made of the seed, and a process runs one job and ends.
 */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import type { ICompiler, QscEventTarget } from 'qsharp-lang';

interface Request {
  readonly programs: readonly { readonly text: string; readonly shots: number }[];
  readonly seed: number;
}

type Module = Pick<typeof import('qsharp-lang'), 'getCompiler' | 'loadWasmModule' | 'QscEventTarget'>;

const APPLIED =
  'globalThis.crypto.getRandomValues replaced by the stream SHA-256("qpoe-qdk" | seed | block number), ' +
  'before the first run of a fresh process; one stream, which runs on, for all programs in order';

const folder = process.argv[2]!;

/** Whoever started this is gone when stdin ends: then nothing waits for an answer. */
createInterface({ input: process.stdin })
  .on('line', (line) => void answer(JSON.parse(line)))
  .on('close', () => process.exit(1));

async function answer(request: Request): Promise<void> {
  const document = await run(request).then(
    (result) => ({ protocol: 1, result }),
    (error: unknown) => ({ protocol: 1, error: { kind: 'sdk', message: describe(error) } }),
  );
  process.stdout.write(JSON.stringify(document) + '\n', () => process.exit(0));
}

/** The compiler's errors are JSON, and its worker throws text. */
function describe(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\s+/g, ' ').slice(0, 2000);
}

async function run({ programs, seed }: Request): Promise<object> {
  const { getCompiler, loadWasmModule, QscEventTarget }: Module = await import(
    pathToFileURL(join(folder, 'dist/main.js')).href
  );
  const wasm = readFileSync(join(folder, 'lib/web/qsc_wasm_bg.wasm'));
  await loadWasmModule(wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.length) as never);
  const compiler = await getCompiler();
  seedRandomness(seed);
  const results: string[][] = [];
  for (const { text, shots } of programs)
    results.push(await shotsOf(compiler, new QscEventTarget(true), text, shots));
  return {
    backend: 'qdk.sparse',
    programs: results.map((outcomes) => ({ counts: count(outcomes) })),
    raw: Buffer.from(JSON.stringify(results.map(countRaw))).toString('base64'),
    applied: APPLIED,
    settings: { profile: 'unrestricted' },
    environment: describeEnvironment(),
  };
}

/** Its messages are about a program; nothing here but the simulator draws numbers. */
function seedRandomness(seed: number): void {
  let block = 0;
  let rest = Buffer.alloc(0);
  const fill = (array: Uint8Array): Uint8Array => {
    while (rest.length < array.length)
      rest = Buffer.concat([rest, createHash('sha256').update(`qpoe-qdk|${seed}|${block++}`).digest()]);
    array.set(rest.subarray(0, array.length));
    rest = rest.subarray(array.length);
    return array;
  };
  Object.defineProperty(globalThis.crypto, 'getRandomValues', { value: fill });
}

async function shotsOf(
  compiler: ICompiler,
  events: QscEventTarget,
  text: string,
  shots: number,
): Promise<string[]> {
  await compiler.run(
    {
      sources: [['circuit.qasm', text]],
      languageFeatures: [],
      profile: 'unrestricted',
      projectType: 'openqasm',
    },
    '',
    shots,
    events,
  );
  return events.getResults().map(({ success, result }) => {
    if (!success) throw new Error(`a shot failed: ${JSON.stringify(result)}`);
    return String(result);
  });
}

/** `[One, Zero]` is c[0] = 1, c[1] = 0. */
function count(outcomes: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const outcome of outcomes) {
    const words = outcome.replace(/[[\]\s]/g, '').split(',');
    const key = words.map(digitOf).toReversed().join('');
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

function digitOf(word: string): string {
  if (word !== 'Zero' && word !== 'One') throw new Error(`the result ${word} is neither Zero nor One`);
  return word === 'One' ? '1' : '0';
}

function countRaw(outcomes: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

function describeEnvironment(): object {
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return {
    packages: { 'qsharp-lang': version },
    node: process.versions.node,
    platform: { system: process.platform, machine: process.arch },
  };
}
