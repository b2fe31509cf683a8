/**
 * Whether a seed takes effect. Some SDKs ignore one, some only its high bits: so a small circuit is run twice with one seed
 * and once with another, below 2^32 and above it. Found out once for each set of versions and kept in the cache; a cache
 * that can't be read or written costs a probe, never a run.
 */

import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Circuit, gate, measureAll } from '../circuit/circuit.ts';
import { emitForSdk } from '../circuit/sdk-text.ts';
import { toHex, utf8 } from '../core/bytes.ts';
import { sha256 } from '../core/digest.ts';
import { QpoeError } from '../core/error.ts';
import { canonicalBytes } from '../core/jcs.ts';
import type { JsonObject } from '../core/json.ts';
import { makeFolder, writeAtomic } from '../store/files.ts';
import { type Runner, type RunRequest, readCounts } from './runner.ts';

const QUBITS = 8;
const SHOTS = 64;
const LARGE = 2 ** 40;
const SEEDS = [1, 1, 2, LARGE + 1, LARGE + 1, LARGE + 2];

/** A `t` in it, or Aer would sample a stabilizer state and not the statevector that most circuits need. */
const circuit: Circuit = {
  version: 1,
  qubits: QUBITS,
  bits: QUBITS,
  operations: [
    ...Array.from({ length: QUBITS }, (_, qubit) => [gate('h', [qubit]), gate('t', [qubit])]).flat(),
    ...measureAll(QUBITS),
  ],
};

/** One small program, in the SDK's own text, and the seeds to run it with. */
export function seedingProbe(sdk: string): NonNullable<RunRequest['probe']> {
  return { program: { ...emitForSdk(sdk, circuit), shots: SHOTS }, seeds: SEEDS };
}

/** @throws QpoeError `external` where the answer isn't one result for each seed */
/** @returns null for a probe that can't be judged: the job itself has run, and its result is not lost for that */
export function judgeProbe(runner: Runner, probe: readonly unknown[] | undefined): boolean | null {
  if (probe?.length !== SEEDS.length) return null;
  try {
    return comparesAsSeeded(runner, probe);
  } catch (error) {
    if (!(error instanceof QpoeError)) throw error;
    return null;
  }
}

function comparesAsSeeded(runner: Runner, probe: readonly unknown[]): boolean {
  const [a, again, b, large, largeAgain, otherLarge] = probe.map((counts) =>
    JSON.stringify([...readCounts(runner, counts, QUBITS, SHOTS)]),
  );
  const reproduces = a === again && large === largeAgain;
  // `large` and `a` share their low 32 bits.
  return reproduces && a !== b && large !== otherLarge && large !== a;
}

/** What makes two probes one: the SDK, everything installed with it that is named, and the machine's kind. */
function fileOf(cacheDir: string, sdk: string, environment: JsonObject): string {
  const key = toHex(
    sha256(canonicalBytes({ environment, probe: [seedingProbe(sdk).program.text, SHOTS, ...SEEDS] })),
  );
  return join(cacheDir, 'seeding', `${sdk}-${key.slice(0, 32)}.json`);
}

export async function recallSeeding(
  cacheDir: string,
  sdk: string,
  environment: JsonObject,
): Promise<boolean | undefined> {
  try {
    const remembered = JSON.parse(await readFile(fileOf(cacheDir, sdk, environment), 'utf8'));
    return typeof remembered.took_effect === 'boolean' ? remembered.took_effect : undefined;
  } catch {
    // Not there, not readable, not JSON: whichever it is, the probe is simply run again.
    return undefined;
  }
}

export async function rememberSeeding(
  cacheDir: string,
  sdk: string,
  environment: JsonObject,
  tookEffect: boolean,
): Promise<void> {
  const file = fileOf(cacheDir, sdk, environment);
  try {
    makeFolder(dirname(file));
    writeAtomic(file, utf8(JSON.stringify({ took_effect: tookEffect }) + '\n'));
  } catch (error) {
    if (!(error instanceof QpoeError)) throw error;
    // A cache that can't be written is no reason to lose a run: the next one probes again.
  }
}
