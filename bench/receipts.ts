// AIIR receipts by our verifier and by AIIR's two, from a file's text to the verdict: `npm run build && node bench/receipts.ts`.
//
// AIIR's Python package comes from PyPI; its JavaScript SDK, on no registry, from its repository. The SDK reads JSON by `JSON.parse`, which forgets how numbers were written and takes duplicate keys; ours and Python's don't forget.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import '../src/store/native-sha256.ts';
import { utf8 } from '../src/core/bytes.ts';
import { verifyBytes } from '../src/verify/verify.ts';
import { aReceipt, stamped } from '../test/receipts.ts';
import { pythonTool, sourceTree } from '../test/slow/tools.ts';
import { median, wholeProcess } from './measure.ts';
import { handOver, skip } from './row.ts';

const BIN = join(import.meta.dirname, '../dist/bin/qpoe.js');
const DRIVER = join(import.meta.dirname, 'receipts_aiir.py');
const RECEIPTS = 100;
const PASSES = 20;
const ROUNDS = 5;
const WHAT = 'receipts from text to verdict, in one process';

/** Each of another commit, so that nothing can be remembered from one to the next. */
const texts = Array.from({ length: RECEIPTS }, (_, at) => {
  const receipt = aReceipt() as { commit: object };
  const sha = at.toString(16).padStart(40, '0');
  return JSON.stringify(stamped({ ...receipt, commit: { ...receipt.commit, sha } }));
});
const files = texts.map(utf8);
const rateOf = (milliseconds: number): number => ((PASSES * RECEIPTS) / milliseconds) * 1000;

async function timed(verify: (at: number) => Promise<boolean>): Promise<number> {
  const started = performance.now();
  for (let pass = 0; pass < PASSES; pass++)
    for (let at = 0; at < RECEIPTS; at++)
      if (!(await verify(at))) throw new Error(`receipt ${at} is refused`);
  return rateOf(performance.now() - started);
}

async function ours(at: number): Promise<boolean> {
  const { checks } = await verifyBytes(files[at]!, { kind: 'nobody' }, Date.now());
  return checks.some(({ id, status }) => id === 'receipt.hash' && status === 'pass');
}

interface JavaScriptSdk {
  verify(receipt: unknown): Promise<{ readonly valid: boolean }>;
}

/** A CommonJS file. */
function javascriptOf({ verify }: JavaScriptSdk): (at: number) => Promise<boolean> {
  return async (at) => (await verify(JSON.parse(new TextDecoder().decode(files[at])))).valid;
}

function python(aiir: string): number {
  const { status, stdout, stderr } = spawnSync(join(aiir, '../python'), ['-I', DRIVER], {
    input: JSON.stringify({ texts, passes: PASSES }),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`aiir: ${stderr}`);
  return rateOf(1000 * (JSON.parse(stdout) as { seconds: number }).seconds);
}

function wholeAiir(aiir: string, file: string): number {
  const started = performance.now();
  const { status } = spawnSync(aiir, ['--verify', file], { stdio: 'ignore' });
  if (status !== 0) throw new Error(`aiir --verify exited ${status}`);
  return performance.now() - started;
}

const aiir = pythonTool('aiir', '1.7.0');
const source = sourceTree('invariant-systems-ai/aiir', '91d2f82070f97d2aed960463ebbd75d9e5eb9d0b');
const javascript =
  'reason' in source
    ? undefined
    : javascriptOf(createRequire(import.meta.url)(join(source.path, 'sdks/js/aiir-verify.js')));
const rates = { ours: [] as number[], javascript: [] as number[], python: [] as number[] };
const whole = { ours: [] as number[], aiir: [] as number[] };
const root = mkdtempSync(join(tmpdir(), 'qpoe-bench-'));
try {
  const file = join(root, 'receipt.json');
  writeFileSync(file, texts[0]!);
  await timed(ours);
  for (let round = 0; round < ROUNDS; round++) {
    rates.ours.push(await timed(ours));
    if (javascript) rates.javascript.push(await timed(javascript));
    if ('reason' in aiir) continue;
    rates.python.push(python(aiir.path));
    whole.ours.push(wholeProcess(BIN, 'verify', '--integrity-only', '--home', root, file));
    whole.aiir.push(wholeAiir(aiir.path, file));
  }
} finally {
  rmSync(root, { recursive: true, force: true });
}

const mine = { what: WHAT, unit: '/s', ours: median(rates.ours) } as const;
if ('reason' in source) skip(`${WHAT}, beside AIIR's JavaScript SDK`, source.reason);
else {
  const sdk = median(rates.javascript);
  handOver({ ...mine, peer: { name: "AIIR's JavaScript SDK", value: sdk }, limit: { atLeast: 0.25 } });
  console.log(`receipts/s: qpoe ${median(rates.ours).toFixed(0)}, AIIR's SDK ${sdk.toFixed(0)}`);
}
if ('reason' in aiir) skip(`${WHAT}, beside AIIR's Python verifier`, aiir.reason);
else {
  handOver(
    {
      ...mine,
      peer: { name: "AIIR's Python verifier (1.7.0)", value: median(rates.python) },
      limit: { atLeast: 0.2 },
    },
    {
      what: 'one receipt, whole process',
      unit: 'ms',
      ours: median(whole.ours),
      peer: { name: '`aiir --verify`', value: median(whole.aiir) },
      limit: { atMost: 2 },
    },
  );
  console.log(
    `AIIR's Python ${median(rates.python).toFixed(0)}/s; whole process: qpoe ${median(whole.ours).toFixed(0)} ms, aiir ${median(whole.aiir).toFixed(0)} ms`,
  );
}
