/** A named workload as a job of one program. */

import {
  buildWorkload,
  findWorkload,
  type Parameters,
  WORKLOAD_NAMES,
  type Workload,
} from '../../circuit/workloads.ts';
import { QpoeError } from '../../core/error.ts';
import { type PlannedJob, readNumber, splitAssignment } from './planned-job.ts';

export interface WorkloadOptions {
  readonly workload?: string;
  readonly nQubits?: number;
  readonly depth?: number;
  readonly theta?: string;
  readonly seed: number;
  readonly param?: readonly string[];
}

const DEFAULT = 'clifford_t_sampling';

export function planWorkload(options: WorkloadOptions): PlannedJob {
  const workload = chooseWorkload(options.workload ?? DEFAULT);
  const parameters = readParameters(workload, options);
  return {
    name: workload.name,
    parameters,
    programs: [{ circuit: buildWorkload(workload, parameters), values: {} }],
  };
}

function chooseWorkload(name: string): Workload {
  const workload = findWorkload(name);
  if (workload === undefined)
    throw new QpoeError('usage', `no workload "${name}"`, `--workload takes ${WORKLOAD_NAMES.join(' or ')}`);
  return workload;
}

/** From `--param` and the parameters' own flags, which may not say the same thing twice. */
function readParameters(workload: Workload, options: WorkloadOptions): Parameters {
  const given = new Map<string, number>();
  const give = (name: string, value: number, flag: string): void => {
    if (!Object.hasOwn(workload.parameters, name))
      throw new QpoeError(
        'usage',
        `${workload.name} takes no ${flag}`,
        `its parameters: ${Object.keys(workload.parameters).join(', ')}`,
      );
    if (given.has(name)) throw new QpoeError('usage', `${name} is given twice`, 'give it once');
    given.set(name, value);
  };
  if (options.nQubits !== undefined) give('n_qubits', options.nQubits, '--n-qubits');
  if (options.depth !== undefined) give('depth', options.depth, '--depth');
  if (options.theta !== undefined) give('theta', readNumber('--theta', options.theta), '--theta');
  for (const assignment of options.param ?? []) {
    const [name, value] = splitAssignment(assignment);
    // The seed is the sampling's too: one flag sets both.
    if (name === 'seed') throw new QpoeError('usage', 'the seed is no --param', 'give it as --seed');
    give(name, readNumber(`--param ${name}`, value), `--param ${name}`);
  }
  const withDefaults = Object.entries(workload.parameters).map(([name, { default: fallback }]) => [
    name,
    given.get(name) ?? (name === 'seed' ? options.seed : fallback),
  ]);
  return Object.fromEntries(withDefaults);
}
