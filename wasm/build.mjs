// kernels.wat → src/simulator/wasm-bytes.ts: `node wasm/build.mjs`; with `--check`, only whether it is up to date.

import { readFileSync, writeFileSync } from 'node:fs';
import wabt from 'wabt';

const source = new URL('./kernels.wat', import.meta.url);
const target = new URL('../src/simulator/wasm-bytes.ts', import.meta.url);

const { parseWat } = await wabt();
const { buffer } = parseWat('kernels.wat', readFileSync(source, 'utf8')).toBinary({});
const text = `/** Written by \`node wasm/build.mjs\` from wasm/kernels.wat: ${buffer.length} bytes, as base64. */

export const KERNELS_WASM =
${Buffer.from(buffer)
  .toString('base64')
  .match(/.{1,96}/g)
  .map((line) => `  '${line}'`)
  .join(' +\n')};
`;

if (!process.argv.includes('--check')) writeFileSync(target, text);
else if (readFileSync(target, 'utf8') !== text) {
  console.error('src/simulator/wasm-bytes.ts is not what wasm/kernels.wat makes: run node wasm/build.mjs');
  process.exitCode = 1;
}
