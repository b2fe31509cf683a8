/**
 * The named workloads: parameterized circuit families, gate for gate what the original toolkit built
 * (thequantumturtle/quantum-proof-of-execution, `qiskit_impl/workload.py`, first and last commit).
 * A verifier rebuilds them from a record's parameters, so what they make may never change.
 */

import { QpoeError } from '../core/error.ts';
import { pythonRandom } from '../core/python-random.ts';
import { type Circuit, gate, measureAll, type Operation } from './circuit.ts';
import type { GateName } from './gates.ts';

export type Parameters = Readonly<Record<string, number>>;

/** A named, parameterized circuit family. */
export interface Workload {
  readonly name: string;
  /** Parameter → default and what it may be, in the order of the command line. */
  readonly parameters: Readonly<Record<string, Parameter>>;
  readonly build: (parameters: Parameters) => Circuit;
  /** How many gates `build` makes at most, so that a caller can refuse before building. */
  readonly size: (parameters: Parameters) => number;
}

interface Parameter {
  readonly kind: 'count' | 'seed' | 'angle';
  readonly default: number;
}

/** The largest circuit that is built: at about 40 bytes an operation, its gate list stays under the 50 MB of a document. */
export const MAX_OPERATIONS = 1_000_000;

const CLIFFORD: readonly GateName[] = ['h', 's', 'x', 'y', 'z'];
const T_PROBABILITY = 0.15;

const cliffordTSampling: Workload = {
  name: 'clifford_t_sampling',
  parameters: {
    n_qubits: { kind: 'count', default: 3 },
    depth: { kind: 'count', default: 2 },
    seed: { kind: 'seed', default: 1234 },
  },
  size: ({ n_qubits, depth }) => 2 * n_qubits! * depth! + n_qubits!,
  build({ n_qubits, depth, seed }) {
    const random = pythonRandom(seed!);
    const operations: Operation[] = [];
    for (let layer = 0; layer < depth!; layer++) {
      for (let qubit = 0; qubit < n_qubits!; qubit++) {
        operations.push(gate(random.choice(CLIFFORD), [qubit]));
        if (random.random() < T_PROBABILITY) operations.push(gate('t', [qubit]));
      }
    }
    return finish(n_qubits!, operations);
  },
};

const toyParamCircuit: Workload = {
  name: 'toy-param-circuit',
  parameters: {
    n_qubits: { kind: 'count', default: 3 },
    depth: { kind: 'count', default: 2 },
    theta: { kind: 'angle', default: 1.234 },
  },
  size: ({ n_qubits, depth }) => n_qubits! * (depth! + 2),
  build({ n_qubits, depth, theta }) {
    const operations: Operation[] = [];
    for (let qubit = 0; qubit < n_qubits!; qubit++)
      operations.push(gate('ry', [qubit], [theta! * (qubit + 1)]));
    for (let layer = 0; layer < depth!; layer++) {
      for (let qubit = 0; qubit + 1 < n_qubits!; qubit++) operations.push(gate('cx', [qubit, qubit + 1]));
      operations.push(gate('rz', [n_qubits! - 1], [theta! * (layer + 1)]));
    }
    return finish(n_qubits!, operations);
  },
};

function finish(qubits: number, operations: readonly Operation[]): Circuit {
  return { version: 1, qubits, bits: qubits, operations: [...operations, ...measureAll(qubits)] };
}

const WORKLOADS: readonly Workload[] = [cliffordTSampling, toyParamCircuit];
/** What `findWorkload` knows. */
export const WORKLOAD_NAMES: readonly string[] = WORKLOADS.map((workload) => workload.name);

/** The workload of this name; undefined where there is none. */
export function findWorkload(name: string): Workload | undefined {
  return WORKLOADS.find((workload) => workload.name === name);
}

/**
 * The circuit of a workload, from exactly its parameters.
 * @throws QpoeError `usage` for a missing, unknown or impossible parameter, `refused` for a circuit too large to build
 */
export function buildWorkload(workload: Workload, parameters: Readonly<Record<string, unknown>>): Circuit {
  const checked = checkParameters(workload, parameters);
  const size = workload.size(checked);
  if (size > MAX_OPERATIONS)
    throw new QpoeError(
      'refused',
      `${workload.name} with these parameters has up to ${size} operations, over the limit of ${MAX_OPERATIONS}`,
      'choose fewer qubits or less depth',
    );
  return workload.build(checked);
}

function checkParameters(workload: Workload, parameters: Readonly<Record<string, unknown>>): Parameters {
  for (const name of Object.keys(parameters))
    if (!Object.hasOwn(workload.parameters, name))
      throw new QpoeError(
        'usage',
        `${workload.name} has no parameter "${name}"`,
        `its parameters: ${Object.keys(workload.parameters).join(', ')}`,
      );
  for (const [name, { kind }] of Object.entries(workload.parameters)) {
    const fault = findParameterFault(kind, parameters[name]);
    if (fault !== undefined) throw new QpoeError('usage', `${workload.name}: ${name} ${fault}`);
  }
  return parameters as Parameters;
}

function findParameterFault(kind: Parameter['kind'], value: unknown): string | undefined {
  if (value === undefined) return 'is missing';
  if (typeof value !== 'number') return 'must be a number';
  switch (kind) {
    case 'count':
      return Number.isSafeInteger(value) && value >= 1 ? undefined : 'must be a whole number of at least 1';
    case 'seed':
      return Number.isSafeInteger(value) && value >= 0
        ? undefined
        : 'must be a whole number from 0 to 2^53−1';
    case 'angle':
      return Number.isFinite(value) ? undefined : 'must be a finite number of radians';
  }
}
