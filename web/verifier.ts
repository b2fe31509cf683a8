/**
 * The page's side of the worker, which runs this very script again: the security policy knows it by its hash, and there is
 * no second program. Where a browser allows no worker, the page verifies itself.
 */

import { answer } from './engine.ts';
import type { Answer, Request } from './protocol.ts';
import { broken, type Numbered, type Outcome } from './worker.ts';

/** The verifier itself failed: neither pass nor fail. */
export class BrokenVerifier extends Error {}

type Settle = (outcome: Outcome) => void;

export interface Verifier {
  /** @throws BrokenVerifier */
  ask<K extends Request['kind']>(request: Extract<Request, { kind: K }>): Promise<Answer>;
}

/** @param script this page's own, as text */
export function startVerifier(script: string): Verifier {
  const waiting = new Map<number, Settle>();
  const worker = startWorker(script, waiting);
  let last = 0;
  const ask = (request: Request): Promise<Outcome> => {
    if (worker === undefined) return answer(request).catch(broken);
    const id = ++last;
    return new Promise((settle) => {
      waiting.set(id, settle);
      worker.postMessage({ id, message: request } satisfies Numbered<Request>);
    });
  };
  return {
    ask: async (request) => {
      const outcome = await ask(request);
      if (outcome.kind === 'broken') throw new BrokenVerifier(outcome.reason);
      return outcome;
    },
  };
}

function startWorker(script: string, waiting: Map<number, Settle>): Worker | undefined {
  const worker = newWorker(script);
  worker?.addEventListener('message', ({ data }: MessageEvent<Numbered<Outcome>>) => {
    waiting.get(data.id)?.(data.message);
    waiting.delete(data.id);
  });
  // Without this a worker that dies would leave the page "checking" for ever.
  worker?.addEventListener('error', (event) => {
    for (const settle of waiting.values()) settle(broken(event.message ?? 'the worker stopped'));
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
