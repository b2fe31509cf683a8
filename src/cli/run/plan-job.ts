/** What is to run: the circuits of the files, or without them a workload. */

import { QpoeError } from '../../core/error.ts';
import { type CircuitOptions, planCircuits } from './plan-circuits.ts';
import { planWorkload, type WorkloadOptions } from './plan-workload.ts';
import type { PlannedJob } from './planned-job.ts';

const WORKLOAD_FLAGS = {
  workload: '--workload',
  nQubits: '--n-qubits',
  depth: '--depth',
  theta: '--theta',
} as const;

export function planJob(files: readonly string[], options: WorkloadOptions & CircuitOptions): PlannedJob {
  if (files.length === 0) {
    if (options.measureAll === true)
      throw new QpoeError('usage', 'a workload measures every qubit already', 'leave --measure-all out');
    return planWorkload(options);
  }
  for (const [option, flag] of Object.entries(WORKLOAD_FLAGS))
    if (options[option as keyof typeof WORKLOAD_FLAGS] !== undefined)
      throw new QpoeError(
        'usage',
        `${flag} is a workload's, and ${files[0]} is none`,
        'give one or the other',
      );
  return planCircuits(files, options);
}

export function checkWhole(flag: string, value: number, min: number, max: number): number {
  if (!Number.isSafeInteger(value) || value < min || value > max)
    throw new QpoeError('usage', `${flag} must be a whole number from ${min} to ${max}`);
  return value;
}
