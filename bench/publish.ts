// An archive of 1,000 bundles: seconds to publish and to verify, and memory. `npm run build && node bench/publish.ts [BUNDLES] [ROUNDS]`.

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import '../src/store/native-sha256.ts';
import { circuitBytes } from '../src/circuit/circuit.ts';
import { buildWorkload, findWorkload } from '../src/circuit/workloads.ts';
import { makeContext } from '../src/cli/context.ts';
import { enterAllKept } from '../src/cli/enter-log.ts';
import { statedPayload } from '../src/cli/keep.ts';
import { utf8 } from '../src/core/bytes.ts';
import { createIdentity, recordSigner } from '../src/store/identity.ts';
import { signStatement } from '../src/store/sign-statement.ts';
import { addStatements, recordStatementsFolder } from '../src/store/statements.ts';
import { addRecord, openOrCreateStore } from '../src/store/store.ts';
import { median } from './measure.ts';
import { benchRecord } from './records.ts';

const BIN = join(import.meta.dirname, '../dist/bin/qpoe.js');
const BUNDLES = Number(process.argv[2] ?? 1000);
const ROUNDS = Number(process.argv[3] ?? 3);

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
try {
  const [home, storePath] = [join(root, 'home'), join(root, 'store')];
  const places = ['-q', '--home', home, '--store', storePath];
  const context = makeContext(
    { home, store: storePath, quiet: true },
    process.env,
    new AbortController().signal,
  );
  const identity = createIdentity(context.home, 'me', undefined);
  const store = openOrCreateStore(storePath);
  const kept = [];
  for (let seed = 0; seed < BUNDLES; seed++) {
    const record = await benchRecord(seed, recordSigner(identity.ed25519), Date.now());
    const circuit = buildWorkload(findWorkload('clifford_t_sampling')!, { n_qubits: 4, depth: 10, seed });
    addRecord(store, record, [circuitBytes(circuit), utf8(String(seed))]);
    const folder = recordStatementsFolder(store, record.record.record_id);
    kept.push(...addStatements(store, folder, signStatement(identity, statedPayload(record))));
  }
  await enterAllKept(context, store, kept);
  const out = join(root, 'paper.zip');
  const cited = ['--license', 'CC-BY-4.0', '--author', 'A', '--date', '2026-11-22', '--out', out];
  const rounds = { publish: [] as Measured[], verify: [] as Measured[] };
  for (let round = 0; round < ROUNDS; round++) {
    rounds.publish.push(await measure('publish', 'fig1=all', ...cited, ...places));
    rounds.verify.push(await measure('verify', out, '--home', home, '-q'));
  }
  const row = (of: readonly Measured[]): string =>
    `${median(of.map(({ seconds }) => seconds)).toFixed(1)} s | ${Math.round(median(of.map(({ megabytes }) => megabytes)))} MB`;
  console.log(`${cpus().length} × ${cpus()[0]!.model.trim()}, Node ${process.versions.node}, an archive of ${BUNDLES} bundles, ${(statSync(out).size / 1e6).toFixed(1)} MB, medians of ${ROUNDS} rounds

| whole process | time | peak memory |
| --- | --- | --- |
| \`qpoe publish\` | ${row(rounds.publish)} |
| \`qpoe verify\` | ${row(rounds.verify)} |`);
} finally {
  rmSync(root, { recursive: true, force: true });
}
