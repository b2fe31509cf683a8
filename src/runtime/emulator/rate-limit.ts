/** So many a minute, for each user. */

import { ApiError, CODES } from './api-error.ts';

const WINDOW_MS = 60_000;

export interface RateLimit {
  /** @throws ApiError 429 with Retry-After */
  count(user: string): void;
}

export function limitRate(most: number, now: () => number): RateLimit {
  const times = new Map<string, number[]>();
  return {
    count(user) {
      const time = now();
      const recent = (times.get(user) ?? []).filter((then) => then > time - WINDOW_MS);
      if (recent.length >= most) {
        const wait = Math.max(1, Math.ceil((recent[0]! + WINDOW_MS - time) / 1000));
        throw new ApiError(429, CODES.tooMany, `Too many requests: ${most} jobs a minute.`, {
          'retry-after': String(wait),
        });
      }
      times.set(user, [...recent, time]);
    },
  };
}
