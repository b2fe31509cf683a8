/** What anchoring costs, beside the original's contract: `node bench/contract.ts`. Gas is the same on every machine. */

import { startAnvil } from '../test/anvil.ts';
import { findFoundry } from '../test/foundry.ts';
import { gasPerRecord, measureGas } from './contract-gas.ts';
import { handOver, skip } from './row.ts';

const gas = (value: number): string => value.toLocaleString('en').padStart(10);

if (findFoundry('anvil') === undefined)
  skip("gas beside the original's `ProofRecord.submit`", 'the optional @foundry-rs/anvil is not installed');
else await measure();

async function measure(): Promise<void> {
  const chain = await startAnvil();
  try {
    const table = await measureGas(chain);
    const { original } = table;
    console.log(`${''.padEnd(28)}  LogAnchor   original`);
    for (const [at, which] of ['first', 'repeated'].entries())
      handOver({
        what: `one record's hash submitted, ${which}`,
        unit: 'gas',
        ours: table.submit[at]!,
        peer: { name: "the original's `ProofRecord.submit`", value: original.submit[at]! },
        limit: { atMost: [0.68, 1.02][at]! },
      });
    console.log(`${'deploy'.padEnd(28)} ${gas(table.deploy)} ${gas(original.deploy)}`);
    console.log(`${'submit, first'.padEnd(28)} ${gas(table.submit[0])} ${gas(original.submit[0])}`);
    console.log(`${'submit, repeated'.padEnd(28)} ${gas(table.submit[1])} ${gas(original.submit[1])}`);
    console.log(`\n${'a checkpoint'.padEnd(28)}     anchor anchorSigned`);
    for (const [name, cost] of Object.entries(table.anchor))
      console.log(`${name.padEnd(28)} ${gas(cost)} ${gas(table.anchorSigned[name]!)}`);
    console.log(`\n${'records a checkpoint, after a million'.padEnd(40)} gas a record`);
    let one: number | undefined;
    for (const records of [1, 100, 10_000, 1_000_000]) {
      const each = await gasPerRecord(chain, records);
      one ??= each;
      console.log(`${records.toLocaleString('en').padEnd(40)} ${each.toFixed(2).padStart(12)}`);
      handOver({
        what: `a record, ${records.toLocaleString('en')} a checkpoint`,
        unit: 'gas',
        ours: each,
        peer: { name: "the original's `submit`, for each", value: original.submit[0] },
        limit: { atMost: 1 },
        ...(records > 1 && {
          growth: { of: 'records a checkpoint', by: records, cost: (records * each) / one },
        }),
      });
    }
  } finally {
    await chain.stop();
  }
}
