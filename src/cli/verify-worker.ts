/** One thread of `verifyOnAllCores`: batches of files in, verdicts out. */

import '../store/native-ed25519.ts';
import '../store/native-sha256.ts';
import { parentPort, workerData } from 'node:worker_threads';
import type { Trust } from '../verify/trust.ts';
import { verifyFile, withoutPasses } from './verify-file.ts';
import type { Batch } from './verify-pool.ts';

const trust = workerData as Trust;

parentPort!.on('message', async ({ tasks, detail }: Batch) => {
  const now = Date.now();
  const results = await Promise.all(tasks.map((task) => verifyFile(task, trust, now)));
  parentPort!.postMessage(detail ? results : results.map(withoutPasses));
});
