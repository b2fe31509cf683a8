// A bundle with every layer (the demo's), verified beside the same bundle's statements by @sigstore/verify:
// `npm run build && node bench/bundle.ts`.

import { createPublicKey } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleFromJSON } from '@sigstore/bundle';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
import '../src/store/native-ed25519.ts';
import '../src/store/native-sha256.ts';
import { keyHint } from '../src/attest/sigstore-bundle.ts';
import { evidenceMeans } from '../src/cli/verify/evidence-means.ts';
import { fromBase64 } from '../src/core/bytes.ts';
import { trustedRoot } from '../src/tlog/trusted-root.ts';
import { parseVkey } from '../src/tlog/vkey.ts';
import { parsePolicy } from '../src/verify/policy.ts';
import type { Trust } from '../src/verify/trust.ts';
import { verifyBytes } from '../src/verify/verify.ts';
import { median, wholeProcess } from './measure.ts';
import { growthOfRates, handOver } from './row.ts';

const BIN = join(import.meta.dirname, '../dist/bin/qpoe.js');
const DEMO = join(import.meta.dirname, '../demo');
const POLICY = join(DEMO, 'trust.toml');
const BUNDLES = 500;
const FEW = BUNDLES / 10;
const ROUNDS = 5;
const STARTS = 21;

process.removeAllListeners('warning');
const bytes = new Uint8Array(readFileSync(join(DEMO, 'demo.qpoe.json')));
const trust: Extract<Trust, { kind: 'policy' }> = {
  kind: 'policy',
  policy: parsePolicy(readFileSync(POLICY, 'utf8'), POLICY),
  path: POLICY,
};

/** What sigstore-js does with the same evidence: each P-256 envelope with its log entry, and nothing of the record. */
function sigstoreVerifier(): () => void {
  const { statements } = JSON.parse(new TextDecoder().decode(bytes)) as { statements: Stated[] };
  const spki = fromBase64(trust.policy.signer![0]!.p256!)!;
  const hint = keyHint(spki);
  const rawBytes = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' }).export({
    type: 'spki',
    format: 'der',
  });
  const keys = { [hint]: { rawBytes, keyDetails: 'PKIX_ECDSA_P256_SHA_256' as never } };
  const { value: vkey } = parseVkey(trust.policy.log![0]!.vkey!);
  const root = TrustedRoot.fromJSON(JSON.parse(trustedRoot(vkey!, '1970-01-01T00:00:00Z')));
  const options = { tlogThreshold: 1, timestampThreshold: 0 };
  const mine = statements.filter((one) => one.verificationMaterial.publicKey?.hint === hint);
  // It asks for stamps by authorities that it knows.
  const entities = mine.map(
    ({ verificationMaterial: { timestampVerificationData: _, ...material }, ...one }) =>
      toSignedEntity(bundleFromJSON({ ...one, verificationMaterial: material })),
  );
  const verifier = new Verifier(toTrustMaterial(root, keys as never), options);
  return () => {
    for (const entity of entities) verifier.verify(entity);
  };
}

interface Stated {
  readonly verificationMaterial: {
    readonly publicKey?: { readonly hint: string };
    readonly timestampVerificationData?: unknown;
  };
}

async function perSecond(count: number, verify: () => unknown): Promise<number> {
  const started = performance.now();
  for (let i = 0; i < count; i++) await verify();
  return (count / (performance.now() - started)) * 1000;
}

const root = mkdtempSync(join(tmpdir(), 'qpoe-bench-'));
try {
  const folderOf = (count: number): string => {
    const folder = join(root, `bundles-${count}`);
    mkdirSync(folder);
    for (let n = 0; n < count; n++) copyFileSync(join(DEMO, 'demo.qpoe.json'), join(folder, `${n}.json`));
    return folder;
  };
  const [folder, fewer] = [folderOf(BUNDLES), folderOf(FEW)];
  const means = await evidenceMeans(trust);
  const peer = sigstoreVerifier();
  const verify = async (): Promise<void> => {
    if ((await verifyBytes(bytes, trust, Date.now(), means)).verdict !== 'pass')
      throw new Error('not a pass');
  };
  const command = (given: string, count: number): number =>
    (count / wholeProcess(BIN, 'verify', '-q', '--home', join(root, 'home'), '--policy', POLICY, given)) *
    1000;
  const rates = {
    peer: [] as number[],
    one: [] as number[],
    cores: [] as number[],
    coresOnFewer: [] as number[],
  };
  for (let round = 0; round < ROUNDS; round++) {
    rates.peer.push(await perSecond(BUNDLES, peer));
    rates.one.push(await perSecond(BUNDLES, verify));
    rates.cores.push(command(folder, BUNDLES));
    rates.coresOnFewer.push(command(fewer, FEW));
  }
  const verifyOne: number[] = [];
  const nothing: number[] = [];
  for (let round = 0; round < STARTS; round++) {
    verifyOne.push(
      wholeProcess(BIN, 'verify', '--home', join(root, 'home'), '--policy', POLICY, join(folder, '0.json')),
    );
    nothing.push(wholeProcess('-e', '0'));
  }
  const sigstore = (of: readonly number[]) => ({
    name: '`@sigstore/verify`, its P-256 envelopes and log entries alone',
    value: median(rates.peer),
    ratio: median(of.map((value, i) => value / rates.peer[i]!)),
  });
  handOver(
    {
      what: 'bundles with every layer verified in one process',
      unit: '/s',
      ours: median(rates.one),
      peer: sigstore(rates.one),
      limit: { atLeast: 0.03 },
    },
    {
      what: `\`qpoe verify\` of ${BUNDLES} bundles, whole process`,
      unit: '/s',
      ours: median(rates.cores),
      peer: sigstore(rates.cores),
      limit: { atLeast: 0.04 },
      growth: growthOfRates('bundles', [FEW, BUNDLES], [median(rates.coresOnFewer), median(rates.cores)]),
    },
    {
      what: '`qpoe verify` of one bundle, whole process',
      unit: 'ms',
      ours: median(verifyOne),
      peer: {
        name: '`node -e 0`',
        value: median(nothing),
        ratio: median(verifyOne.map((value, i) => value / nothing[i]!)),
      },
      limit: { atMost: 5 },
    },
  );
  const row = (of: readonly number[]): string =>
    `${Math.round(median(of))}/s | ${median(of.map((value, i) => value / rates.peer[i]!)).toFixed(2)}`;
  console.log(`${cpus().length} × ${cpus()[0]!.model.trim()}, Node ${process.versions.node}, a bundle of ${bytes.length} bytes with every layer, medians of ${ROUNDS} rounds

| what | bundles | ratio |
| --- | --- | --- |
| @sigstore/verify, the P-256 envelopes and log entries alone | ${row(rates.peer)} |
| whole bundles in one process | ${row(rates.one)} |
| \`qpoe verify\` over ${BUNDLES} bundles, whole process, all cores | ${row(rates.cores)} |

| whole process | median | ratio | aim |
| --- | --- | --- | --- |
| \`node -e 0\` | ${median(nothing).toFixed(0)} ms | 1 | |
| \`qpoe verify demo.qpoe.json\` | ${median(verifyOne).toFixed(0)} ms | ${median(verifyOne.map((value, i) => value / nothing[i]!)).toFixed(2)} | ≤ 5 |`);
} finally {
  rmSync(root, { recursive: true, force: true });
}
