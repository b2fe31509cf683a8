/** A witness killed, or refused, at every system call with which it reads and writes: it never cosigns two trees of one size. */

import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { utf8 } from '../../src/core/bytes.ts';
import { homeAt } from '../../src/store/home.ts';
import { createWitnessKey, readWitnessKey } from '../../src/store/witness-key.ts';
import { cosignSubmission, originHash, sweepWitness } from '../../src/store/witness-record.ts';
import { formatCheckpoint } from '../../src/tlog/checkpoint.ts';
import { formatNote } from '../../src/tlog/note.ts';
import { formatVkey } from '../../src/tlog/vkey.ts';
import { formatAddCheckpoint, openSubmission } from '../../src/tlog/witness.ts';
import { newTestLog } from '../cosigners.ts';
import { naiveLeaves, naiveProof, naiveRoot } from '../naive-tree.ts';

const hasStrace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0;

const root = mkdtempSync(join(tmpdir(), 'qpoe-witness-crash-'));
const program = join(root, 'cosigner.mjs');
const run = join(root, 'run');
const trace = join(root, 'trace');
const log = newTestLog('log.example');

const CALLS = ['openat', 'write', 'fsync', 'rename'];
const SIZES = [5, 9];
const LEAVES = naiveLeaves(9);
const FORK = LEAVES.toReversed();

const rootOf = (leaves: typeof LEAVES, size: number) => new Uint8Array(naiveRoot(leaves.slice(0, size)));

function requestOf(leaves: typeof LEAVES, oldSize: number, size: number) {
  const text = formatCheckpoint({ ...log.checkpoint(size), root: rootOf(leaves, size) });
  const proof = oldSize === 0 ? [] : naiveProof(oldSize, leaves.slice(0, size));
  const checkpoint = utf8(formatNote({ text, signatures: [log.sign(text)] }));
  return formatAddCheckpoint({ oldSize, proof, checkpoint });
}

const requests = SIZES.map((size) => join(root, `to-${size}`));

function prepare(): void {
  buildSync({
    entryPoints: [join(import.meta.dirname, '../witness-cosigner.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: program,
  });
  createWitnessKey(homeAt(join(root, 'home')), undefined);
  for (const [i, path] of requests.entries())
    writeFileSync(path, requestOf(LEAVES, SIZES[i - 1] ?? 0, SIZES[i]!));
}

/** @param fault what strace does to the call, and to which. @returns how many it said that it cosigned */
function cosign(call: string, fault?: string): number {
  rmSync(run, { recursive: true, force: true });
  cpSync(join(root, 'home'), run, { recursive: true });
  const inject = fault === undefined ? [] : ['-e', `inject=${call}:${fault}`];
  const options = ['-f', '-y', '-qqq', '-o', trace, '-e', `trace=${call}`, ...inject];
  const command = [process.execPath, '--no-warnings', program, run, formatVkey(log.vkey), ...requests];
  const { stdout } = spawnSync('strace', [...options, ...command], { encoding: 'utf8' });
  return stdout.split('\n').filter((line) => line === '200').length;
}

/** For a call, the numbers of those that the main thread makes from the first on that is about our files. */
function findPoints(call: string): readonly number[] {
  expect(cosign(call)).toBe(SIZES.length);
  const lines = readFileSync(trace, 'utf8').trim().split('\n');
  const thread = lines[0]!.split(' ')[0]!;
  const own = lines.filter((line) => line.startsWith(`${thread} `) && line.includes(`${call}(`));
  const first = own.findIndex((line) => line.includes(run));
  return first < 0 ? [] : own.map((_, i) => i + 1).slice(first);
}

/** The same witness after it: it keeps to what it said, and can go on. */
async function expectSound(acknowledged: number, about: string): Promise<void> {
  const witness = readWitnessKey(homeAt(run), undefined);
  sweepWitness(witness);
  const ask = async (leaves: typeof LEAVES, oldSize: number, size: number) => {
    const { value } = await openSubmission(requestOf(leaves, oldSize, size), [log.vkey]);
    const { status, size: recorded } = { size: undefined, ...cosignSubmission(witness, value!, Date.now) };
    return { status: status ?? 200, recorded };
  };
  // What it cosigned last, asked for as a client would that knows nothing.
  const { recorded = 0 } = await ask(LEAVES, 1, 9);
  expect(recorded, about).toBeGreaterThanOrEqual(SIZES[acknowledged - 1] ?? 0);
  expect([0, ...SIZES], about).toContain(recorded);
  if (recorded > 0) {
    expect((await ask(FORK, 0, recorded)).status, about).toBe(409);
    expect((await ask(FORK, recorded, recorded)).status, about).toBe(422);
    expect((await ask(FORK, recorded, 9)).status, about).toBe(422);
  }
  expect((await ask(LEAVES, recorded, 9)).status, about).toBe(200);
  const left = readdirSync(witness.folder).filter((name) => !['key.pem', 'vkey', 'lock'].includes(name));
  expect(left, about).toEqual([originHash('log.example')]);
}

const name = hasStrace ? 'a witness' : 'a witness (skipped: no strace)';
describe.skipIf(!hasStrace)(name, () => {
  beforeAll(prepare);
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  for (const [what, fault] of [
    ['killed', 'signal=SIGKILL'],
    ['refused', 'error=EIO'],
  ] as const)
    it.each(CALLS)(`${what} at every %s keeps its word`, async (call) => {
      let injected = 0;
      for (const when of findPoints(call)) {
        const acknowledged = cosign(call, `${fault}:when=${when}`);
        if (readFileSync(trace, 'utf8').includes(fault === 'error=EIO' ? 'INJECTED' : 'killed by SIGKILL'))
          injected++;
        await expectSound(acknowledged, `${call} ${when}, ${what}, ${acknowledged} acknowledged`);
      }
      console.log(`${call}: ${what} at ${injected}`);
    });
});
