/** Rates and medians, as every benchmark here takes them. */

import { spawnSync } from 'node:child_process';

export const IN_FLIGHT = 64;

/** @returns operations a second */
export async function rate(count: number, operation: (index: number) => Promise<unknown>): Promise<number> {
  let next = 0;
  const started = performance.now();
  const drain = async (): Promise<void> => {
    while (next < count) await operation(next++);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, drain));
  return (count / (performance.now() - started)) * 1000;
}

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

/** Node with these arguments, from its start to its end. @returns milliseconds */
export function wholeProcess(...args: string[]): number {
  const started = performance.now();
  const { status } = spawnSync(process.execPath, args, { stdio: 'ignore' });
  if (status !== 0) throw new Error(`${args.join(' ')} exited ${status}`);
  return performance.now() - started;
}
