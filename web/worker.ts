/** The worker's side: one request, one answer, under the number that it came with; in between, how far it has come. */

import { answer } from './engine.ts';
import type { Answer, Progress, Request } from './protocol.ts';

export interface Numbered<T> {
  readonly id: number;
  readonly message: T;
}

export type Outcome = Answer | { readonly kind: 'broken'; readonly reason: string };
/** The answer to a request that no one waits for any more is given up. */
export type Asked = Request | { readonly kind: 'stop' };
export type Told = Outcome | ({ readonly kind: 'progress' } & Progress);

export function startWorker(): void {
  const stopped = new Set<number>();
  self.addEventListener('message', async ({ data: { id, message } }: MessageEvent<Numbered<Asked>>) => {
    if (message.kind === 'stop') {
      stopped.add(id);
      return;
    }
    const tell = (told: Told): void => self.postMessage({ id, message: told } satisfies Numbered<Told>);
    const advance = async (progress: Progress): Promise<boolean> => {
      tell({ kind: 'progress', ...progress });
      await pause();
      return !stopped.has(id);
    };
    tell(await answer(message, advance).catch(broken));
    stopped.delete(id);
  });
}

/** Lets in what has come meanwhile. */
export function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

/** An exception inside the verifier says nothing of the evidence. */
export function broken(error: unknown): Outcome {
  return { kind: 'broken', reason: String(error) };
}
