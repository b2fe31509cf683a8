/** Rates and medians, as every benchmark here takes them. */

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
