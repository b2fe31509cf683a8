/** What anchoring costs, beside the original's contract: `node bench/contract.ts`. Gas is the same on every machine. */

import { startAnvil } from '../test/anvil.ts';
import { gasPerRecord, measureGas } from './contract-gas.ts';

const gas = (value: number): string => value.toLocaleString('en').padStart(10);

const chain = await startAnvil();
try {
  const table = await measureGas(chain);
  const { original } = table;
  console.log(`${''.padEnd(28)}  LogAnchor   original`);
  console.log(`${'deploy'.padEnd(28)} ${gas(table.deploy)} ${gas(original.deploy)}`);
  console.log(`${'submit, first'.padEnd(28)} ${gas(table.submit[0])} ${gas(original.submit[0])}`);
  console.log(`${'submit, repeated'.padEnd(28)} ${gas(table.submit[1])} ${gas(original.submit[1])}`);
  console.log(`\n${'a checkpoint'.padEnd(28)}     anchor anchorSigned`);
  for (const [name, cost] of Object.entries(table.anchor))
    console.log(`${name.padEnd(28)} ${gas(cost)} ${gas(table.anchorSigned[name]!)}`);
  console.log(`\n${'records a checkpoint, after a million'.padEnd(40)} gas a record`);
  for (const records of [1, 100, 10_000, 1_000_000])
    console.log(
      `${records.toLocaleString('en').padEnd(40)} ${(await gasPerRecord(chain, records)).toFixed(2).padStart(12)}`,
    );
} finally {
  await chain.stop();
}
