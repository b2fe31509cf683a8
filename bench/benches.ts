/** Every benchmark of `npm run bench`, in the table's order: `<name>.ts` beside this file. */
export const BENCHES = [
  'verify',
  'statements',
  'bundle',
  'original',
  'receipts',
  'log',
  'anchor',
  'contract',
  'simulator',
  'publish',
  'import',
  'auto',
  'plausibility',
] as const;

export type BenchName = (typeof BENCHES)[number];
