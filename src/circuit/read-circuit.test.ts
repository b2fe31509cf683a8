import { describe, expect, it } from 'vitest';
import { parseJsonBytes } from '../core/json.ts';
import { circuitBytes, circuitDigest, gate, measure, measureAll } from './circuit.ts';
import { readCircuit } from './read-circuit.ts';
import { buildWorkload, findWorkload } from './workloads.ts';

it('reads back what circuitBytes writes', () => {
  const circuit = buildWorkload(findWorkload('toy-param-circuit')!, { n_qubits: 4, depth: 3, theta: 0.1 });
  const { value } = readCircuit(parseJsonBytes(circuitBytes(circuit)));
  expect(circuitDigest(value!)).toBe(circuitDigest(circuit));
});

const circuit = (operations: unknown, qubits = 3, bits = 3) =>
  ({ version: 1, qubits, bits, operations }) as never;

describe('refuses', () => {
  it.each<[string, unknown, RegExp]>([
    ['an unknown gate', [{ op: 'rzz', qubits: [0, 1], angles: [1] }], /operations.0: no gate "rzz"/],
    ['a name from the prototype', [{ op: 'toString', qubits: [0] }], /no gate/],
    ['a qubit too far', [gate('x', [3])], /no qubit 3/],
    ['a qubit twice', [gate('cx', [1, 1])], /twice/],
    ['too few qubits', [gate('cx', [1])], /acts on 2 qubits/],
    ['a missing angle', [{ op: 'rx', qubits: [0] }], /takes 1 angles/],
    ['an angle too many', [{ op: 'h', qubits: [0], angles: [1] }], /takes 0 angles/],
    ['an empty list of angles', [{ op: 'h', qubits: [0], angles: [] }], /empty list/],
    ['an angle too large', [{ op: 'rx', qubits: [0], angles: [1e300] }], /2\^53/],
    ['a gate that writes a bit', [{ op: 'h', qubits: [0], bits: [0] }], /writes no bit/],
    ['a gate after the measurement', [measure(0, 0), gate('h', [0])], /operations.1: qubit 0 was measured/],
    ['a bit twice', [measure(0, 0), measure(1, 0)], /bit 0 was written/],
    ['a bit too far', [measure(0, 3)], /no bit 3/],
    ['a measurement without a bit', [{ op: 'measure', qubits: [0] }], /writes one bit/],
    ['an unknown member', [{ op: 'h', qubits: [0], if: 1 }], /unknown member "if"/],
    ['a fractional qubit', [{ op: 'h', qubits: [0.5] }], /expected int/],
  ])('%s', (_, operations, reason) => expect(readCircuit(circuit(operations)).fault).toMatch(reason));

  it('a newer version', () => expect(readCircuit({ version: 2 }).fault).toMatch(/version: expected 1/));
  it('no qubits', () => expect(readCircuit(circuit([], 0)).fault).toMatch(/qubits/));
});

it('accepts measuring into permuted bits', () =>
  expect(readCircuit(circuit([measure(0, 2), measure(2, 0)])).fault).toBeUndefined());

it('measureAll writes each qubit into its own bit', () =>
  expect(measureAll(2)).toEqual([
    { op: 'measure', qubits: [0], bits: [0] },
    { op: 'measure', qubits: [1], bits: [1] },
  ]));
