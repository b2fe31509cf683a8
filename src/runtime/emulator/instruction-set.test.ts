import { expect, it } from 'vitest';
import { dropIdleQubits } from '../../circuit/idle-qubits.ts';
import { type Device, makeDevice } from './device.ts';
import { readDeviceCircuit } from './device-circuit.ts';
import { noiseOn } from './noise.ts';
import { readProgramText } from './program-text.ts';

const ECR = 'gate ecr a, b { s a; sx b; cx a, b; x a; }';
const at = (qubits: number[], gate: string, value: number) => ({
  gate,
  qubits,
  parameters: [{ name: 'gate_error', value }],
});

function device(): Device {
  const configuration = {
    backend_name: 'eagle',
    backend_version: '1.0.0',
    n_qubits: 3,
    basis_gates: ['ecr', 'id', 'rz', 'sx', 'x'],
    gates: [
      { name: 'x', coupling_map: [[0], [1], [2]] },
      { name: 'ecr', coupling_map: [[1, 0]] },
    ],
    coupling_map: [
      [1, 0],
      [1, 2],
    ],
    supported_instructions: ['measure', 'delay', 'ecr'],
    max_shots: 100,
  };
  const readout = (p10: number, p01: number) => [
    { name: 'prob_meas1_prep0', value: p10 },
    { name: 'prob_meas0_prep1', value: p01 },
  ];
  const properties = {
    backend_name: 'eagle',
    last_update_date: '2026-01-01T00:00:00Z',
    qubits: [readout(0.1, 0.2), [{ name: 'readout_error', value: 0.3 }], []],
    gates: [
      at([1, 0], 'ecr', 0.02),
      at([1], 'x', 0.001),
      at([2], 'x', 0.5),
      at([0], 'sx', 1),
      at([0], 'rz', 0),
    ],
  };
  return makeDevice(configuration, [properties], 'eagle');
}

const read = (body: string) =>
  readDeviceCircuit(
    device(),
    readProgramText(`OPENQASM 3.0; include "stdgates.inc"; ${ECR} bit[1] c; ${body}`),
    [],
  );

it('takes a gate of the device’s own by its name and direction, though the reader expands it', () => {
  expect(read('ecr $1, $0;').circuit.operations.map(({ op }) => op)).toEqual(['s', 'sx', 'cx', 'x']);
  expect(() => read('ecr $0, $1;')).toThrow('The instruction ecr on qubits (0, 1) is not supported');
  // Coupled, but the gate is calibrated elsewhere alone.
  expect(() => read('ecr $1, $2;')).toThrow('ecr on qubits (1, 2)');
  expect(() => read('cx $1, $0;')).toThrow('cx on qubits (1, 0)');
  expect(() => read('gate mine a { x a; } mine $0;')).toThrow('mine on qubits (0,)');
});

it('takes no reset or condition where there is none, and phases and delays where they mean nothing', () => {
  expect(() => read('reset $0;')).toThrow('reset on qubits (0,)');
  expect(() => read('x $0; c[0] = measure $0; if (c[0]) { x $0; }')).toThrow('if_else on qubits ()');
  expect(read('gphase(0.5); delay[4dt] $1; x $0;').circuit.operations).toHaveLength(1);
});

it('drops idle qubits, and the errors go where the rest went', () => {
  const { circuit } = read('barrier $0, $1, $2; x $2; ecr $1, $0;');
  const all = dropIdleQubits(circuit);
  expect(all.physical).toEqual([0, 1, 2]);
  const used = dropIdleQubits(read('barrier $0, $1; x $2; c[0] = measure $2;').circuit);
  expect([used.physical, used.circuit.qubits]).toEqual([[2], 1]);
  expect(used.circuit.operations).toEqual([
    { op: 'x', qubits: [0] },
    { op: 'measure', qubits: [0], bits: [0] },
  ]);
  expect(dropIdleQubits(read('x $2;').circuit, [1]).physical).toEqual([1, 2]);
  const { properties } = device().calibrations[0]!;
  expect(noiseOn(properties, [1, 0])).toEqual({
    readout: [
      [0.3, 0.3],
      [0.1, 0.2],
    ],
    gates: [
      { name: 'cx', qubits: [0, 1], error: 0.02 },
      { name: 'x', qubits: [0], error: 0.001 },
      { name: 'sx', qubits: [1], error: 0.75 },
    ],
  });
});
