/** The person's own circuits as a job: each file, and each combination of swept parameters, is one program. */

import type { Circuit } from '../../circuit/circuit.ts';
import { appendMeasureAll, hasMeasurement } from '../../circuit/measurement.ts';
import { readCircuit } from '../../circuit/read-circuit.ts';
import { readOpenQasm } from '../../circuit/read-openqasm.ts';
import { fromUtf8 } from '../../core/bytes.ts';
import { QpoeError } from '../../core/error.ts';
import { JsonError, MAX_BYTES, parseJson } from '../../core/json.ts';
import { readBounded } from '../../store/files.ts';
import { type PlannedJob, type PlannedProgram, readNumber, splitAssignment } from './planned-job.ts';

export interface CircuitOptions {
  readonly param?: readonly string[];
  readonly measureAll?: boolean;
  /** Where expectation values are asked for, nothing need be measured. */
  readonly observable?: readonly string[];
}

const MAX_PROGRAMS = 1000;

export function planCircuits(files: readonly string[], options: CircuitOptions): PlannedJob {
  const bindings = combine(readSweeps(options.param ?? []));
  if (files.length * bindings.length > MAX_PROGRAMS)
    throw new QpoeError(
      'refused',
      `${files.length * bindings.length} programs, over the limit of ${MAX_PROGRAMS}`,
      'make several jobs',
    );
  const programs = files.flatMap((file) => {
    const bytes = readBounded(file, MAX_BYTES);
    return bindings.map((values) => readProgram(file, bytes, values, options));
  });
  return { name: programs.length === 1 ? 'circuit' : 'job', parameters: {}, programs };
}

type Values = Readonly<Record<string, number>>;

/** `--param theta=0.1,0.2`: each value is a program of its own. */
function readSweeps(assignments: readonly string[]): Map<string, number[]> {
  const sweeps = new Map<string, number[]>();
  for (const assignment of assignments) {
    const [name, values] = splitAssignment(assignment);
    if (sweeps.has(name))
      throw new QpoeError('usage', `${name} is given twice`, `sweep it: --param ${name}=1,2`);
    sweeps.set(
      name,
      values.split(',').map((value) => readNumber(`--param ${name}`, value)),
    );
  }
  return sweeps;
}

/** Every combination, the last parameter varying fastest. */
function combine(sweeps: ReadonlyMap<string, readonly number[]>): Values[] {
  let combinations: Values[] = [{}];
  for (const [name, values] of sweeps) {
    if (combinations.length * values.length > MAX_PROGRAMS)
      throw new QpoeError(
        'refused',
        `more than ${MAX_PROGRAMS} combinations of parameters`,
        'make several jobs',
      );
    combinations = combinations.flatMap((known) => values.map((value) => ({ ...known, [name]: value })));
  }
  return combinations;
}

function readProgram(
  file: string,
  bytes: Uint8Array,
  values: Values,
  { measureAll, observable }: CircuitOptions,
): PlannedProgram {
  const text = fromUtf8(bytes);
  if (text === undefined)
    throw new QpoeError('usage', `${file} is no text`, 'give OpenQASM 2 or 3, or a gate list');
  const { circuit, format } = /^\s*\{/.test(text)
    ? readGateList(file, text, values)
    : readText(file, text, values);
  if (!hasMeasurement(circuit) && measureAll !== true && observable === undefined)
    throw new QpoeError(
      'refused',
      `${file} measures nothing`,
      `add ${format === 'openqasm2' ? '`measure q -> c;`' : '`c = measure q;`'}, or give --measure-all`,
    );
  const measured = hasMeasurement(circuit) || measureAll !== true ? circuit : appendMeasureAll(circuit);
  return { circuit: measured, values, input: { format, bytes } };
}

interface ReadFile {
  readonly circuit: Circuit;
  readonly format: string;
}

function readText(file: string, text: string, values: Values): ReadFile {
  const { version, circuit } = readOpenQasm(text, file, new Map(Object.entries(values)));
  return { circuit, format: `openqasm${version}` };
}

function readGateList(file: string, text: string, values: Values): ReadFile {
  const [name] = Object.keys(values);
  if (name !== undefined)
    throw new QpoeError('usage', `${file}: a gate list has no parameter "${name}"`, 'leave --param out');
  try {
    const { value, fault } = readCircuit(parseJson(text));
    if (fault !== undefined)
      throw new QpoeError(
        'usage',
        `${file}: ${fault}`,
        '`qpoe schema circuit` prints the form of a gate list',
      );
    return { circuit: value, format: 'gate-list' };
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new QpoeError('usage', `${file}: ${error.message}`, 'give strict JSON');
  }
}
