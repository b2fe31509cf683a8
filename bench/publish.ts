// An archive of 1,000 bundles: seconds to publish and to verify, and memory. `npm run build && node bench/publish.ts [BUNDLES] [ROUNDS]`.

import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import '../src/store/native-sha256.ts';
import { circuitBytes } from '../src/circuit/circuit.ts';
import { buildWorkload, findWorkload } from '../src/circuit/workloads.ts';
import { makeContext } from '../src/cli/context.ts';
import { enterAllKept } from '../src/cli/log/enter-log.ts';
import { statedPayload } from '../src/cli/record/keep.ts';
import { utf8 } from '../src/core/bytes.ts';
import { createIdentity, recordSigner } from '../src/store/identity.ts';
import { signStatement } from '../src/store/sign-statement.ts';
import { addStatements, recordStatementsFolder } from '../src/store/statements.ts';
import { addRecord, openOrCreateStore } from '../src/store/store.ts';
import { median } from './measure.ts';
import { benchRecord } from './records.ts';
import { handOver, SMALL, skip } from './row.ts';

const BIN = join(import.meta.dirname, '../dist/bin/qpoe.js');
const [bundles, rounds] = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const BUNDLES = Number(bundles ?? (SMALL ? 500 : 1000));
const FEW = Math.ceil(BUNDLES / 10);
const ROUNDS = Number(rounds ?? 3);

process.removeAllListeners('warning');

interface Measured {
  readonly seconds: number;
  readonly megabytes: number;
}

/** A whole process, and the most memory that it had. */
async function measure(...args: string[]): Promise<Measured> {
  const started = performance.now();
  const child = spawn(process.execPath, [BIN, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, peakKilobytes(child.pid!));
  }, 10);
  const code = await new Promise((resolve) => child.on('exit', resolve));
  clearInterval(watch);
  if (code !== 0) throw new Error(`${args.join(' ')} exited ${code}`);
  return { seconds: (performance.now() - started) / 1000, megabytes: peak / 1024 };
}

function peakKilobytes(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    // It ended between two looks.
    return 0;
  }
}

const root = mkdtempSync(join(tmpdir(), 'qpoe-bench-'));

/** A store of so many runs, and where it and its identity lie. */
async function storeOf(count: number): Promise<readonly string[]> {
  const [home, storePath] = [join(root, `home-${count}`), join(root, `store-${count}`)];
  const context = makeContext(
    { home, store: storePath, quiet: true },
    process.env,
    new AbortController().signal,
  );
  const identity = createIdentity(context.home, 'me', undefined);
  const store = openOrCreateStore(storePath);
  const kept = [];
  for (let seed = 0; seed < count; seed++) {
    const record = await benchRecord(seed, recordSigner(identity.ed25519), Date.now());
    const circuit = buildWorkload(findWorkload('clifford_t_sampling')!, { n_qubits: 4, depth: 10, seed });
    addRecord(store, record, [circuitBytes(circuit), utf8(String(seed))]);
    const folder = recordStatementsFolder(store, record.record.record_id);
    kept.push(...addStatements(store, folder, signStatement(identity, statedPayload(record))));
  }
  await enterAllKept(context, store, kept);
  return ['-q', '--home', home, '--store', storePath];
}

interface Archive {
  readonly path: string;
  readonly publish: readonly Measured[];
  readonly verify: readonly Measured[];
}

async function archiveOf(count: number): Promise<Archive> {
  const places = await storeOf(count);
  const path = join(root, `${count}.zip`);
  const cited = ['--license', 'CC-BY-4.0', '--author', 'A', '--date', '2026-11-22', '--out', path];
  const [publish, verify]: [Measured[], Measured[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    publish.push(await measure('publish', 'fig1=all', ...cited, ...places));
    verify.push(await measure('verify', path, ...places));
  }
  return { path, publish, verify };
}

const secondsOf = (of: readonly Measured[]): number => median(of.map(({ seconds }) => seconds));
const megabytesOf = (of: readonly Measured[]): number => median(of.map(({ megabytes }) => megabytes));

/** CPython's own zipfile, which judges and makes an archive and nothing that is in it. @returns seconds; or why there are none */
function zipfile(...args: readonly string[]): number | string {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const started = performance.now();
    const { status, error, stderr } = spawnSync('python3', ['-I', '-m', 'zipfile', ...args], {
      encoding: 'utf8',
    });
    if (status !== 0) return error?.message ?? stderr.trim().split('\n').at(-1) ?? `exit code ${status}`;
    times.push((performance.now() - started) / 1000);
  }
  return median(times);
}

function handOverBeside(what: string, of: readonly Measured[], ofFew: readonly Measured[], peer: Peer): void {
  const seconds = secondsOf(of);
  handOver({
    what: `${what} an archive of ${BUNDLES} bundles, whole process`,
    unit: 's',
    ours: seconds,
    ...(typeof peer.seconds === 'number' && {
      peer: { name: peer.name, value: peer.seconds },
      limit: { atMost: 15 },
    }),
    growth: { of: 'bundles', by: BUNDLES / FEW, cost: seconds / secondsOf(ofFew) },
  });
  handOver({ what: `${what} its peak memory`, unit: 'MB', ours: megabytesOf(of), limit: { atMost: 600 } });
  if (typeof peer.seconds === 'string') skip(`${what} an archive beside ${peer.name}`, peer.seconds);
}

interface Peer {
  readonly name: string;
  readonly seconds: number | string;
}

try {
  const few = await archiveOf(FEW);
  const all = await archiveOf(BUNDLES);
  const unpacked = join(root, 'unpacked');
  const extracted = zipfile('-e', all.path, unpacked);
  handOverBeside('`qpoe publish`:', all.publish, few.publish, {
    name: 'CPython `zipfile`, packing the same files',
    seconds: typeof extracted === 'string' ? extracted : zipfile('-c', join(root, 'peer.zip'), unpacked),
  });
  handOverBeside('`qpoe verify`:', all.verify, few.verify, {
    name: 'CPython `zipfile -t`, the checksums alone',
    seconds: zipfile('-t', all.path),
  });
  const row = (of: readonly Measured[]): string =>
    `${secondsOf(of).toFixed(1)} s | ${Math.round(megabytesOf(of))} MB`;
  console.log(`${cpus().length} × ${cpus()[0]!.model.trim()}, Node ${process.versions.node}, an archive of ${BUNDLES} bundles, ${(statSync(all.path).size / 1e6).toFixed(1)} MB, medians of ${ROUNDS} rounds

| whole process | time | peak memory |
| --- | --- | --- |
| \`qpoe publish\` | ${row(all.publish)} |
| \`qpoe verify\` | ${row(all.verify)} |`);
} finally {
  rmSync(root, { recursive: true, force: true });
}
