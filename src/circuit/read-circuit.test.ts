import { describe, expect, it } from 'vitest';
import { parseJsonBytes } from '../core/json.ts';
import {
  circuitBytes,
  circuitDigest,
  conditional,
  gate,
  measure,
  measureAll,
  type Operation,
} from './circuit.ts';
import { readCircuit } from './read-circuit.ts';
import { buildWorkload, findWorkload } from './workloads.ts';

it('reads back what circuitBytes writes', () => {
  const circuit = buildWorkload(findWorkload('toy-param-circuit')!, { n_qubits: 4, depth: 3, theta: 0.1 });
  const { value } = readCircuit(parseJsonBytes(circuitBytes(circuit)));
  expect(circuitDigest(value!)).toBe(circuitDigest(circuit));
});

const circuit = (operations: unknown, qubits = 3, bits = 3) =>
  ({ version: 1, qubits, bits, operations }) as never;

const x = [gate('x', [0])];

const nestedConditions = (depth: number): Operation =>
  conditional([0], '1', depth === 1 ? x : [nestedConditions(depth - 1)]);

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
    ['a gate without qubits', [{ op: 'h' }], /h lacks its member "qubits"/],
    ['a gate with a branch', [{ op: 'h', qubits: [0], else: [] }], /h has no member "else"/],
    ['a bit too far', [measure(0, 3)], /no bit 3/],
    ['a measurement without a bit', [{ op: 'measure', qubits: [0] }], /writes one bit/],
    ['a measurement into two bits', [{ op: 'measure', qubits: [0], bits: [0, 1] }], /writes one bit/],
    ['a measurement of two qubits', [{ op: 'measure', qubits: [0, 1], bits: [0] }], /acts on 1 qubits/],
    ['a measurement with an angle', [{ op: 'measure', qubits: [0], bits: [0], angles: [1] }], /no angle/],
    ['a reset of two qubits', [{ op: 'reset', qubits: [0, 1] }], /reset acts on 1 qubits/],
    ['a reset with a bit', [{ op: 'reset', qubits: [0], bits: [0] }], /reset has no member "bits"/],
    ['a barrier on nothing', [{ op: 'barrier', qubits: [] }], /at least 1 qubits/],
    ['a barrier on a qubit twice', [{ op: 'barrier', qubits: [1, 1] }], /twice/],
    ['a barrier on a qubit too far', [{ op: 'barrier', qubits: [1, 7] }], /no qubit 7/],
    ['a condition on no bit', [conditional([], '', x)], /if tests no bit/],
    ['a condition on a bit twice', [conditional([1, 1], '00', x)], /names a bit twice/],
    ['a condition on a bit too far', [conditional([3], '0', x)], /no bit 3/],
    ['a condition of another width', [conditional([0, 1], '1', x)], /"equals" is not 2 of 0 and 1/],
    ['a condition of other digits', [conditional([0], '2', x)], /"equals" is not 1 of 0 and 1/],
    ['a condition that does nothing', [conditional([0], '1', [])], /does nothing either way/],
    ['a condition with qubits', [{ ...conditional([0], '1', x), qubits: [0] }], /if has no member "qubits"/],
    [
      'a condition without else',
      [{ ...conditional([0], '1', x), else: undefined }],
      /if lacks its member "else"/,
    ],
    [
      'a fault in a branch',
      [conditional([0], '1', x, [conditional([1], '0', [gate('cx', [0, 0])])])],
      /^operations\.0\.else\.0\.then\.0: cx names a qubit twice/,
    ],
    ['conditions nested too deep', [nestedConditions(17)], /nested more than 16 deep/],
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

it('accepts what happens in the middle of a circuit, as deep as a document goes', () => {
  const operations = [
    measure(0, 0),
    gate('x', [0]),
    measure(0, 0),
    { op: 'reset', qubits: [0] },
    { op: 'barrier', qubits: [2, 0] },
    conditional([2, 0], '01', x, [measure(1, 2)]),
    conditional([1], '0', [], x),
    nestedConditions(16),
  ];
  const made = circuit(operations);
  const { value, fault } = readCircuit(parseJsonBytes(circuitBytes(made)));
  expect(fault).toBeUndefined();
  expect(circuitDigest(value!)).toBe(circuitDigest(made));
});
