// Statements verified beside the raw rate of their signatures, and what signing them adds to `qpoe run`:
// `npm run build && node bench/statements.ts`.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import '../src/store/native-sha256.ts';
import { pae } from '../src/attest/dsse.ts';
import { IN_TOTO_PAYLOAD } from '../src/attest/statement.ts';
import { utf8 } from '../src/core/bytes.ts';
import type { JsonObject } from '../src/core/json.ts';
import { verifyMlDsa65 } from '../src/core/ml-dsa-65.ts';
import { verifyP256 } from '../src/core/p256.ts';
import { recordSigner, spki } from '../src/store/identity.ts';
import { verifyBytes } from '../src/verify/verify.ts';
import { envelopes, newIdentity, payloadOf, trustingIdentity } from '../test/statements.ts';
import { IN_FLIGHT, median, rate } from './measure.ts';
import { benchRecord } from './records.ts';
import { handOver } from './row.ts';

const STATEMENTS = 2000;
const ROUNDS = 5;
const RUNS = 15;
const BIN = join(import.meta.dirname, '../dist/bin/qpoe.js');

process.removeAllListeners('warning');
const identity = newIdentity();
const trust = trustingIdentity(identity);
const now = Date.now();
const payloads = [];
for (let seed = 0; seed < STATEMENTS; seed++)
  payloads.push(payloadOf(await benchRecord(seed, recordSigner(identity.ed25519), now)));
const bundles = payloads.map((payload) => envelopes(identity, payload));

/** Just the signature over the same bytes: no file, no parsing, no record. */
const signatureOf = (bundle: JsonObject) => {
  const { signatures } = bundle.dsseEnvelope as unknown as { signatures: { sig: string }[] };
  return Uint8Array.from(Buffer.from(signatures[0]!.sig, 'base64'));
};
const messages = payloads.map((payload) => pae(IN_TOTO_PAYLOAD, payload));

const rows = [
  { name: 'ECDSA P-256', which: 0, verify: verifyP256, key: spki(identity.p256), limit: { atLeast: 0.15 } },
  {
    name: 'ML-DSA-65',
    which: 1,
    verify: verifyMlDsa65,
    key: spki(identity.mlDsa65),
    limit: { atLeast: 0.3 },
  },
].map((row) => ({ ...row, raw: [] as number[], whole: [] as number[] }));
for (const row of rows) {
  const signatures = bundles.map((pair) => signatureOf(pair[row.which]!));
  const files = bundles.map((pair) => utf8(JSON.stringify(pair[row.which])));
  for (let round = 0; round < ROUNDS; round++) {
    row.raw.push(
      await rate(STATEMENTS, async (i) => {
        if (!(await row.verify(row.key, signatures[i]!, messages[i]!))) throw new Error('not valid');
      }),
    );
    row.whole.push(
      await rate(STATEMENTS, async (i) => {
        if ((await verifyBytes(files[i]!, trust, now)).verdict !== 'pass') throw new Error('not a pass');
      }),
    );
  }
}

const root = mkdtempSync(join(tmpdir(), 'qpoe-bench-'));
const run = (...flags: string[]): number => {
  const started = performance.now();
  const { status } = spawnSync(process.execPath, [BIN, 'run', '-q', '--home', join(root, 'home'), ...flags], {
    cwd: root,
    stdio: 'ignore',
  });
  if (status !== 0) throw new Error(`run exited ${status}`);
  return performance.now() - started;
};
try {
  run();
  const stated: number[] = [];
  const alone: number[] = [];
  for (let round = 0; round < RUNS; round++) {
    alone.push(run('--record-only'));
    stated.push(run());
  }
  const perSecond = (values: readonly number[]): string =>
    `${Math.round(median(values)).toLocaleString('en')}/s`;
  const share = median(stated.map((value, i) => 1 - alone[i]! / value));
  for (const { name, raw, whole, limit } of rows)
    handOver({
      what: `${name} statements verified in one process`,
      unit: '/s',
      ours: median(whole),
      peer: {
        name: `raw ${name} (WebCrypto), the signature alone`,
        value: median(raw),
        ratio: median(whole.map((value, i) => value / raw[i]!)),
      },
      limit,
    });
  handOver({
    what: '`qpoe run` with both statements and the log, whole process',
    unit: 'ms',
    ours: median(stated),
    peer: {
      name: '`qpoe run --record-only`',
      value: median(alone),
      ratio: median(stated.map((value, i) => value / alone[i]!)),
    },
    limit: { atMost: 1.5 },
  });
  console.log(`${cpus().length} × ${cpus()[0]!.model.trim()}, Node ${process.versions.node}, ${IN_FLIGHT} in flight, payloads of ${payloads[0]!.length} bytes, medians of ${ROUNDS} rounds

| statements | signature alone | whole verification | ratio |
| --- | --- | --- | --- |
${rows.map(({ name, raw, whole }) => `| ${name} | ${perSecond(raw)} | ${perSecond(whole)} | ${median(whole.map((value, i) => value / raw[i]!)).toFixed(2)} |`).join('\n')}

| \`qpoe run\`, whole process | median of ${RUNS} |
| --- | --- |
| \`--record-only\` | ${median(alone).toFixed(0)} ms |
| with both statements | ${median(stated).toFixed(0)} ms |

Signing's share of a run: ${(100 * share).toFixed(0)} %.`);
} finally {
  rmSync(root, { recursive: true, force: true });
}
