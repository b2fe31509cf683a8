/** One thread of `verifyOnAllCores`: batches of files in, verdicts out. */

import '../../store/native-ed25519.ts';
import '../../store/native-sha256.ts';
import { parentPort, workerData } from 'node:worker_threads';
import { silenceExperimentalWarnings } from '../warnings.ts';
import { evidenceMeans } from './evidence-means.ts';
import { plausibilityMeans } from './plausibility-means.ts';
import { type FileVerdict, verifyFile, withoutPasses } from './verify-file.ts';
import type { Batch, VerifyWorkerTask } from './verify-pool.ts';

silenceExperimentalWarnings();

const { trust, asked } = workerData as VerifyWorkerTask;
const means = Promise.all([evidenceMeans(trust), plausibilityMeans(asked, trust)]).then(
  ([evidence, plausibility]) => ({ ...evidence, ...plausibility }),
);

parentPort!.on('message', async ({ tasks, detail }: Batch) => {
  const now = Date.now();
  // One after the other: verification is synchronous here, and a batch of large files must not be in memory at once.
  const results: FileVerdict[] = [];
  for (const task of tasks) results.push(await verifyFile(task, trust, now, await means));
  parentPort!.postMessage(detail ? results : results.map(withoutPasses));
});
