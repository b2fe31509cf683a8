/**
 * A witness without its server, for a test that kills it: what it answers to each request, one line each.
 *
 *     node test/witness-cosigner.ts HOME VKEY REQUEST…
 */

import { readFileSync, writeSync } from 'node:fs';
import { QpoeError } from '../src/core/error.ts';
import { homeAt } from '../src/store/home.ts';
import { readWitnessKey } from '../src/store/witness-key.ts';
import { cosignSubmission, sweepWitness } from '../src/store/witness-record.ts';
import { parseVkey } from '../src/tlog/vkey.ts';
import { openSubmission } from '../src/tlog/witness.ts';

const [home = '', vkey = '', ...requests] = process.argv.slice(2);

try {
  const witness = readWitnessKey(homeAt(home), undefined);
  sweepWitness(witness);
  for (const request of requests) {
    const opened = await openSubmission(readFileSync(request), [parseVkey(vkey).value!]);
    const answer = cosignSubmission(witness, opened.value!, Date.now);
    writeSync(1, `${answer.status ?? 200}\n`);
  }
} catch (error) {
  if (!(error instanceof QpoeError)) throw error;
  writeSync(2, `${error.message}\n`);
  process.exitCode = 4;
}
