/** A small device that no one built: seven qubits in the shape of an H, with a calibration of plausible numbers. */

import type { JsonObject } from '../../core/json.ts';
import { pythonRandom } from '../../core/python-random.ts';
import { type Device, makeDevice } from './device.ts';

const SYNTHETIC_NAME = 'qpoe_synthetic';
const QUBITS = 7;
const LINKS = [
  [0, 1],
  [1, 2],
  [1, 3],
  [3, 5],
  [4, 5],
  [5, 6],
];
const COUPLING = LINKS.flatMap(([a, b]) => [
  [a!, b!],
  [b!, a!],
]);
/** Of the calibration, and so a part of what its numbers are: the same on every machine. */
const CALIBRATED = '2026-01-01T00:00:00+00:00';
const ONE_QUBIT = ['id', 'rz', 'sx', 'x'];
const SINGLES = Array.from({ length: QUBITS }, (_, qubit) => [qubit]);

export function syntheticDevice(): Device {
  return makeDevice(configuration(), [properties()], SYNTHETIC_NAME);
}

function configuration(): JsonObject {
  return {
    backend_name: SYNTHETIC_NAME,
    backend_version: '1.0.0',
    n_qubits: QUBITS,
    basis_gates: ['cz', ...ONE_QUBIT],
    gates: [
      ...ONE_QUBIT.map((name) => ({
        name,
        parameters: name === 'rz' ? ['theta'] : [],
        qasm_def: 'gate',
        coupling_map: SINGLES,
      })),
      { name: 'cz', parameters: [], qasm_def: 'gate cz q0,q1 { }', coupling_map: COUPLING },
    ],
    local: false,
    simulator: false,
    conditional: false,
    open_pulse: false,
    memory: true,
    coupling_map: COUPLING,
    dynamic_reprate_enabled: true,
    supported_instructions: [...['cz', 'delay', 'measure', 'reset', 'if_else'], ...ONE_QUBIT],
    rep_delay_range: [0, 500],
    default_rep_delay: 250,
    sample_name: 'synthetic',
    n_registers: 1,
    credits_required: false,
    online_date: CALIBRATED,
    description: 'made up by qpoe runtime emulate',
    dt: 4,
    dtm: 4,
    processor_type: { family: 'Synthetic', revision: '1' },
    meas_map: [SINGLES.map(([qubit]) => qubit!)],
    max_experiments: 300,
    max_shots: 100_000,
    multi_meas_enabled: true,
    supported_features: ['qasm3', 'dynamic_circuits', 'parameters'],
    timing_constraints: { acquire_alignment: 1, granularity: 1, min_length: 2, pulse_alignment: 1 },
  };
}

function properties(): JsonObject {
  const random = pythonRandom(7);
  const about = (value: number): number => Number((value * (0.7 + 0.6 * random.random())).toPrecision(6));
  const entry = (name: string, unit: string, value: number) => ({ date: CALIBRATED, name, unit, value });
  const gate = (name: string, qubits: readonly number[], error: number, length: number) => ({
    gate: name,
    name: `${name}${qubits.join('_')}`,
    qubits,
    parameters: [entry('gate_error', '', error), entry('gate_length', 'ns', length)],
  });
  return {
    backend_name: SYNTHETIC_NAME,
    backend_version: '1.0.0',
    last_update_date: CALIBRATED,
    qubits: SINGLES.map(() => [
      entry('T1', 'us', about(250)),
      entry('T2', 'us', about(180)),
      entry('readout_error', '', about(0.01)),
      entry('prob_meas0_prep1', '', about(0.012)),
      entry('prob_meas1_prep0', '', about(0.008)),
      entry('readout_length', 'ns', 1500),
    ]),
    gates: [
      ...ONE_QUBIT.flatMap((name) =>
        SINGLES.map((qubits) =>
          gate(name, qubits, name === 'rz' ? 0 : about(0.0003), name === 'rz' ? 0 : 32),
        ),
      ),
      ...LINKS.flatMap((link) => {
        const error = about(0.004);
        return [gate('cz', link, error, 84), gate('cz', [...link].reverse(), error, 84)];
      }),
    ],
    general: [],
  };
}
