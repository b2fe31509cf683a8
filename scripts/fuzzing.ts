/** What the fuzzers share: reproducible chance, mutations of bytes, and a clock that counts this thread's own work. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';

export type Random = (below: number) => number;

export const MEGABYTE = 1_000_000;
/** A second is the aim, here; a machine may be several times as slow, and a hang is far beyond that. */
export const HANG_MS = 5_000;
/** 300, less what a bare Node has before it reads anything. */
export const MOST_GROWTH = 240;

/** Mulberry32: a case is found again by its seed. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

export function pick<T>(random: Random, items: readonly T[]): T {
  return items[random(items.length)]!;
}

/** Some bytes set, and in one case of four the rest cut off. */
export function mutateBytes(random: Random, bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  if (copy.length === 0) return Uint8Array.of(random(256));
  for (let edits = 1 + random(6); edits > 0; edits--) copy[random(copy.length)] = random(256);
  return random(4) === 0 ? copy.subarray(0, random(copy.length)) : copy;
}

/** What this thread computed, and not what it waited for: other work on the machine is no fault of a reader's. */
export function busyMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** Linux forgets the peak when told to; elsewhere it is that of the whole process, and so at least what is asked for. */
export function resetPeak(): number {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch (error) {
    if (!['ENOENT', 'EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
  return process.memoryUsage.rss() / 2 ** 20;
}

export function peakMegabytes(): number {
  const [, kilobytes] = existsSync('/proc/self/status')
    ? (/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [])
    : [];
  return Number(kilobytes ?? process.resourceUsage().maxRSS) / 1024;
}
