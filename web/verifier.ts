/**
 * The page's side of the worker, which runs this very script again: the security policy knows it by its hash, and there is
 * no second program. Where a browser allows no worker, the page verifies itself.
 */

import { answer } from './engine.ts';
import type { Answer, Progress, Request } from './protocol.ts';
import { type Asked, broken, type Numbered, type Outcome, pause, type Told } from './worker.ts';

/** The verifier itself failed: neither pass nor fail. */
export class BrokenVerifier extends Error {}

interface Waiting {
  settle(outcome: Outcome): void;
  readonly isWanted: IsWanted;
}

/** Hears how far a long answer has come, and says whether it is still wanted. */
type IsWanted = (progress: Progress) => boolean;

export interface Verifier {
  /** @throws BrokenVerifier */
  ask<K extends Request['kind']>(
    request: Extract<Request, { kind: K }>,
    isWanted?: IsWanted,
  ): Promise<Answer>;
}

/** @param script this page's own, as text */
export function startVerifier(script: string): Verifier {
  const waiting = new Map<number, Waiting>();
  const worker = startWorker(script, waiting);
  let last = 0;
  const ask = (request: Request, isWanted: IsWanted): Promise<Outcome> => {
    if (worker === undefined) return answerHere(request, isWanted);
    const id = ++last;
    return new Promise((settle) => {
      waiting.set(id, { settle, isWanted });
      worker.postMessage({ id, message: request } satisfies Numbered<Asked>, handedOver(request));
    });
  };
  return {
    ask: async (request, isWanted = () => true) => {
      const outcome = await ask(request, isWanted);
      if (outcome.kind === 'broken') throw new BrokenVerifier(outcome.reason);
      return outcome;
    },
  };
}

/** Bytes that are read for this request alone: a copy of half a gigabyte would hold up the page. */
function handedOver(request: Request): Transferable[] {
  return request.kind === 'verify' ? [request.bytes.buffer as ArrayBuffer] : [];
}

function answerHere(request: Request, isWanted: IsWanted): Promise<Outcome> {
  const advance = async (progress: Progress): Promise<boolean> => {
    await pause();
    return isWanted(progress);
  };
  return answer(request, advance).catch(broken);
}

function startWorker(script: string, waiting: Map<number, Waiting>): Worker | undefined {
  const worker = newWorker(script);
  worker?.addEventListener('message', ({ data: { id, message } }: MessageEvent<Numbered<Told>>) => {
    if (message.kind === 'progress') {
      if (waiting.get(id)?.isWanted(message) === false)
        worker.postMessage({ id, message: { kind: 'stop' } } satisfies Numbered<Asked>);
      return;
    }
    waiting.get(id)?.settle(message);
    waiting.delete(id);
  });
  // Without this a worker that dies would leave the page "checking" for ever.
  worker?.addEventListener('error', (event) => {
    for (const { settle } of waiting.values()) settle(broken(event.message ?? 'the worker stopped'));
    waiting.clear();
  });
  return worker;
}

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): string };
}

function newWorker(script: string): Worker | undefined {
  if (typeof Worker === 'undefined') return undefined;
  const own = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  try {
    const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
    const policy = trustedTypes?.createPolicy('qpoe-worker', {
      createScriptURL: (url) => {
        if (url !== own) throw new TypeError('not this page’s worker');
        return url;
      },
    });
    return new Worker(policy?.createScriptURL(own) ?? own);
  } catch {
    return undefined;
  }
}
