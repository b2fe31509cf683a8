/** What one file may cost: counted before the work is done, so that a bomb is refused and not survived. */

import { fault, type QasmSource } from './qasm-source.ts';
import { MAX_OPERATIONS } from './workloads.ts';

/** Evaluated nodes, expanded calls, loop passes, named qubits: some 50 ns each. */
const MAX_STEPS = 10_000_000;

export interface Cost {
  readonly operations: number;
  readonly steps: number;
}

export interface Budget {
  operations: number;
  steps: number;
}

export function startBudget(): Budget {
  return { operations: MAX_OPERATIONS, steps: MAX_STEPS };
}

/** @throws QpoeError when more has been asked for than there is */
export function spend(budget: Budget, cost: Cost, source: QasmSource, at: number): void {
  budget.operations -= cost.operations;
  budget.steps -= cost.steps;
  if (budget.operations < 0)
    throw fault(source, at, `here the circuit has more than ${MAX_OPERATIONS} operations`);
  if (budget.steps < 0)
    throw fault(source, at, `here the file has taken more than ${MAX_STEPS} steps to read`);
}
