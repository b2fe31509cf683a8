// Verification beside the raw rate of the signature alone, measured in turn in one run: `npm run build && node bench/verify.ts`.

import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import '../src/store/native-sha256.ts';
import { toBase64, utf8 } from '../src/core/bytes.ts';
import { recordText } from '../src/record/record.ts';
import { recordSigner } from '../src/store/identity.ts';
import type { Trust } from '../src/verify/trust.ts';
import { verifyBytes } from '../src/verify/verify.ts';
import { IN_FLIGHT, median, rate, wholeProcess } from './measure.ts';
import { benchRecord } from './records.ts';
import { growthOfRates, handOver } from './row.ts';

const FILES = 10_000;
const FEW = FILES / 10;
const ROUNDS = 5;
const BIN = join(import.meta.dirname, '../dist/bin/qpoe.js');

const signer = recordSigner(generateKeyPairSync('ed25519').privateKey);
const now = Date.now();

function peakKilobytes(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    // It ended between two looks.
    return 0;
  }
}

async function verifyFolder(
  folder: string,
  home: string,
  files: number,
): Promise<{ perSecond: number; peakMegabytes: number }> {
  const started = performance.now();
  const child = spawn(process.execPath, [BIN, 'verify', '-q', '--home', home, folder], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, peakKilobytes(child.pid!));
  }, 10);
  const code = await new Promise((resolve) => child.on('exit', resolve));
  clearInterval(watch);
  if (code !== 0) throw new Error(`verify exited ${code}`);
  return { perSecond: (files / (performance.now() - started)) * 1000, peakMegabytes: peak / 1024 };
}

const root = mkdtempSync(join(tmpdir(), 'qpoe-bench-'));
try {
  const [folder, fewer] = [join(root, 'records'), join(root, 'fewer')];
  const home = join(root, 'home');
  mkdirSync(folder);
  mkdirSync(fewer);
  mkdirSync(home, { mode: 0o700 });
  writeFileSync(
    join(home, 'trust.toml'),
    `version = 1\n[[signer]]\nname = "bench"\ned25519 = "${toBase64(signer.publicKey)}"\n`,
    { mode: 0o600 },
  );
  const texts: string[] = [];
  for (let seed = 0; seed < FILES; seed++) texts.push(recordText(await benchRecord(seed, signer, now)));
  for (const [seed, text] of texts.entries()) writeFileSync(join(folder, `${seed}.json`), text);
  for (const [seed, text] of texts.slice(0, FEW).entries()) writeFileSync(join(fewer, `${seed}.json`), text);

  const trust: Trust = {
    kind: 'policy',
    path: 'trust.toml',
    policy: { version: 1, signer: [{ name: 'bench', ed25519: toBase64(signer.publicKey) }] },
  };
  const files = texts.map(utf8);
  const key = await crypto.subtle.importKey('raw', Uint8Array.from(signer.publicKey), 'Ed25519', false, [
    'verify',
  ]);
  const message = new Uint8Array(32).fill(7);
  const signature = await signer.sign(message);

  const raw: number[] = [];
  const inProcess: number[] = [];
  const command: number[] = [];
  const peaks: number[] = [];
  const commandOnFewer: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    raw.push(await rate(FILES, () => crypto.subtle.verify('Ed25519', key, signature, message)));
    inProcess.push(
      await rate(
        FILES,
        async (i) =>
          (await verifyBytes(files[i]!, trust, now)).verdict === 'pass' ||
          Promise.reject(new Error('not a pass')),
      ),
    );
    const { perSecond, peakMegabytes } = await verifyFolder(folder, home, FILES);
    command.push(perSecond);
    peaks.push(peakMegabytes);
    commandOnFewer.push((await verifyFolder(fewer, home, FEW)).perSecond);
  }

  const one = join(folder, '0.json');
  const verifyOne: number[] = [];
  const nothing: number[] = [];
  for (let round = 0; round < 21; round++) {
    verifyOne.push(wholeProcess(BIN, 'verify', '--home', home, one));
    nothing.push(wholeProcess('-e', '0'));
  }

  const ratioOf = (of: readonly number[], to: readonly number[]): number =>
    median(of.map((value, i) => value / to[i]!));
  const ratios = (of: readonly number[]): string => ratioOf(of, raw).toFixed(2);
  const alone = { name: 'raw Ed25519 (WebCrypto), the signature alone', value: median(raw) };
  handOver(
    {
      what: 'records verified in one process',
      unit: '/s',
      ours: median(inProcess),
      peer: { ...alone, ratio: ratioOf(inProcess, raw) },
      limit: { atLeast: 0.8 },
    },
    {
      what: `\`qpoe verify\` of ${FILES.toLocaleString('en')} files, whole process`,
      unit: '/s',
      ours: median(command),
      peer: { ...alone, ratio: ratioOf(command, raw) },
      limit: { atLeast: 0.6 },
      growth: growthOfRates('records', [FEW, FILES], [median(commandOnFewer), median(command)]),
    },
    { what: 'its peak memory', unit: 'MB', ours: median(peaks), limit: { atMost: 300 } },
    {
      what: '`qpoe verify` of one record, whole process',
      unit: 'ms',
      ours: median(verifyOne),
      peer: { name: '`node -e 0`', value: median(nothing), ratio: ratioOf(verifyOne, nothing) },
      limit: { atMost: 3 },
    },
  );
  const perSecond = (values: readonly number[]): string =>
    `${Math.round(median(values)).toLocaleString('en')}/s`;
  console.log(`${cpus().length} × ${cpus()[0]!.model.trim()}, Node ${process.versions.node}, records of ${files[0]!.length} bytes, medians of ${ROUNDS} rounds

| what | rate | ratio to the raw rate | aim |
| --- | --- | --- | --- |
| raw WebCrypto Ed25519, ${IN_FLIGHT} in flight | ${perSecond(raw)} | 1 | |
| records in one process, ${IN_FLIGHT} in flight | ${perSecond(inProcess)} | ${ratios(inProcess)} | ≥ 0.8 |
| \`qpoe verify\` over ${FILES.toLocaleString('en')} files, whole process, peak ${Math.round(median(peaks))} MB | ${perSecond(command)} | ${ratios(command)} | ≥ 0.6, < 300 MB |

| whole process | median | ratio | aim |
| --- | --- | --- | --- |
| \`node -e 0\` | ${median(nothing).toFixed(0)} ms | 1 | |
| \`qpoe verify one.json\` | ${median(verifyOne).toFixed(0)} ms | ${median(verifyOne.map((value, i) => value / nothing[i]!)).toFixed(2)} | ≤ 3 |`);
} finally {
  rmSync(root, { recursive: true, force: true });
}
