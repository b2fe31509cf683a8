/** Exact expectation values on the embedded simulator, in a thread of their own. */

import { Worker } from 'node:worker_threads';
import { QpoeError } from '../core/error.ts';
import type { Moments } from '../simulator/expectation.ts';
import type { ExpectationAnswer, ExpectationProgram } from './expectation-worker.ts';

export type { ExpectationProgram } from './expectation-worker.ts';

/** The CLI is bundled into one folder, where the worker is an entry of its own. */
function workerUrl(): URL {
  return new URL(
    import.meta.url.endsWith('.ts') ? './expectation-worker.ts' : './expectation-worker.js',
    import.meta.url,
  );
}

/** @throws QpoeError `refused` where a state is too large, `interrupted` */
export function expectationsInWorker(
  programs: readonly ExpectationProgram[],
  signal: AbortSignal,
): Promise<Moments[][][]> {
  const { promise, resolve, reject } = Promise.withResolvers<Moments[][][]>();
  const worker = new Worker(workerUrl(), { workerData: programs });
  const stop = (error: Error): void => {
    reject(error);
    void worker.terminate();
  };
  const onAbort = (): void => stop(new QpoeError('interrupted', 'the expectation values were stopped'));
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort);
  worker.on('message', ({ error, ...answer }: ExpectationAnswer & { moments: Moments[][][] }) => {
    if (error === undefined) resolve(answer.moments);
    else reject(new QpoeError(error.code, error.message));
  });
  worker.on('error', stop);
  worker.on('exit', (code) => stop(new Error(`exit code ${code}`)));
  return promise.finally(() => signal.removeEventListener('abort', onAbort));
}
