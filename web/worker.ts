/** The worker's side: one request, one answer, under the number that it came with. */

import { answer } from './engine.ts';
import type { Answer, Request } from './protocol.ts';

export interface Numbered<T> {
  readonly id: number;
  readonly message: T;
}

export type Outcome = Answer | { readonly kind: 'broken'; readonly reason: string };

export function startWorker(): void {
  self.addEventListener('message', async ({ data }: MessageEvent<Numbered<Request>>) => {
    const message = await answer(data.message).catch(broken);
    self.postMessage({ id: data.id, message } satisfies Numbered<Outcome>);
  });
}

/** An exception inside the verifier says nothing of the evidence. */
export function broken(error: unknown): Outcome {
  return { kind: 'broken', reason: String(error) };
}
