/** What no SDK is asked, because they would not answer it alike. */

import { hasMeasurement } from '../circuit/measurement.ts';
import { QpoeError } from '../core/error.ts';
import { type Job, MAX_SHOTS, type Program } from './sdk.ts';

/** @throws QpoeError `usage`, `refused` */
export function checkJob(job: Job): void {
  if (job.programs.length === 0) throw new QpoeError('usage', 'a job without a program');
  if (!Number.isSafeInteger(job.seed) || job.seed < 0)
    throw new QpoeError('usage', `the seed ${job.seed}`, 'A seed is an integer from 0 to 2^53−1.');
  job.programs.forEach(checkProgram);
}

function checkProgram({ circuit, shots }: Program, index: number): void {
  if (!Number.isInteger(shots) || shots < 1 || shots > MAX_SHOTS)
    throw new QpoeError('usage', `${shots} shots in program ${index}`, `Shots are 1 to ${MAX_SHOTS}.`);
  if (!hasMeasurement(circuit))
    throw new QpoeError(
      'refused',
      `program ${index} measures nothing, so it has no counts`,
      'add a measurement to the circuit: c[0] = measure q[0];',
    );
}
