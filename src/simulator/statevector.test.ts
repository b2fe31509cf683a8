import { afterEach, describe, expect, test, vi } from 'vitest';
import { type Circuit, gate, measureAll, type Operation } from '../circuit/circuit.ts';
import { GATES, type GateName } from '../circuit/gates.ts';
import { QpoeError } from '../core/error.ts';
import { pythonRandom } from '../core/python-random.ts';
import { targetMatrix } from './matrices.ts';
import { MAX_QUBITS, type Statevector, simulate, stateBytes } from './statevector.ts';

function circuit(qubits: number, ...operations: Operation[]): Circuit {
  return { version: 1, qubits, bits: qubits, operations };
}

/** What the gate makes of basis state `from`, as [amplitude of `to`] by the definition, qubit by qubit. */
function element(
  op: GateName,
  qubits: readonly number[],
  angles: readonly number[],
  to: number,
  from: number,
) {
  const bit = (index: number, qubit: number) => (index >> qubit) & 1;
  const same = (mask: number) => (to & ~mask) === (from & ~mask);
  if (op === 'swap' || op === 'cswap') {
    const [a, b] = qubits.slice(-2) as [number, number];
    const active = qubits.slice(0, -2).every((control) => bit(from, control) === 1);
    const rest = from & ~((1 << a) | (1 << b));
    const image = active ? rest | (bit(from, a) << b) | (bit(from, b) << a) : from;
    return { re: to === image ? 1 : 0, im: 0 };
  }
  const target = qubits.at(-1)!;
  if (!same(1 << target)) return { re: 0, im: 0 };
  const active = qubits.slice(0, -1).every((control) => bit(from, control) === 1);
  if (!active) return { re: to === from ? 1 : 0, im: 0 };
  return targetMatrix(op, angles)[2 * bit(to, target) + bit(from, target)]!;
}

/** The full 2^n × 2^n matrix times the state. */
function applyNaively(
  state: Statevector,
  op: GateName,
  qubits: readonly number[],
  angles: readonly number[],
) {
  const size = state.re.length;
  const re = new Float64Array(size);
  const im = new Float64Array(size);
  for (let to = 0; to < size; to++) {
    for (let from = 0; from < size; from++) {
      const cell = element(op, qubits, angles, to, from);
      re[to]! += cell.re * state.re[from]! - cell.im * state.im[from]!;
      im[to]! += cell.re * state.im[from]! + cell.im * state.re[from]!;
    }
  }
  return { re, im };
}

function placements(qubits: number, count: number): number[][] {
  if (count === 0) return [[]];
  return placements(qubits, count - 1).flatMap((chosen) =>
    Array.from({ length: qubits }, (_, qubit) => qubit)
      .filter((qubit) => !chosen.includes(qubit))
      .map((qubit) => [...chosen, qubit]),
  );
}

function expectState(actual: Statevector, re: ArrayLike<number>, im: ArrayLike<number>): void {
  expect(actual.re.length).toBe(re.length);
  for (let i = 0; i < re.length; i++) {
    expect(Math.abs(actual.re[i]! - re[i]!)).toBeLessThan(1e-14);
    expect(Math.abs(actual.im[i]! - im[i]!)).toBeLessThan(1e-14);
  }
}

describe('each gate against the full matrix, on every choice of qubits', () => {
  const qubits = 4;
  const random = pythonRandom(5);
  const angle = () => (random.random() - 0.5) * 13;
  // A state without symmetry, so that no misplaced amplitude can hide.
  const scramble = [0, 1, 2, 3].flatMap((q) => [
    gate('u3', [q], [angle(), angle(), angle()]),
    gate('cx', [q, (q + 1) % 4]),
  ]);
  const before = simulate(circuit(qubits, ...scramble));

  test.each(Object.keys(GATES) as GateName[])('%s', (op) => {
    for (const placement of placements(qubits, GATES[op].qubits)) {
      const angles = Array.from({ length: GATES[op].angles }, angle);
      const after = simulate(circuit(qubits, ...scramble, gate(op, placement, angles)));
      const expected = applyNaively(before, op, placement, angles);
      expectState(after, expected.re, expected.im);
    }
  });
});

describe('simulate', () => {
  test('starts in |0…0⟩', () => {
    expectState(simulate(circuit(2)), [1, 0, 0, 0], [0, 0, 0, 0]);
  });

  test('has qubit k as bit k of the index', () => {
    const state = simulate(circuit(3, gate('x', [0]), gate('cx', [0, 2])));
    expectState(state, [0, 0, 0, 0, 0, 1, 0, 0], new Array(8).fill(0));
  });

  test('applies the gates in their order', () => {
    const half = Math.SQRT1_2;
    expectState(simulate(circuit(1, gate('x', [0]), gate('h', [0]))), [half, -half], [0, 0]);
    expectState(simulate(circuit(1, gate('h', [0]), gate('x', [0]))), [half, half], [0, 0]);
  });

  test('makes a GHZ state', () => {
    const chain = Array.from({ length: 9 }, (_, q) => gate('cx', [q, q + 1]));
    const { re, im } = simulate(circuit(10, gate('h', [0]), ...chain, ...measureAll(10)));
    expect(re.filter((x) => x !== 0)).toEqual(Float64Array.of(Math.SQRT1_2, Math.SQRT1_2));
    expect([re[0], re[1023]]).toEqual([Math.SQRT1_2, Math.SQRT1_2]);
    expect(im.every((x) => x === 0)).toBe(true);
  });

  test('ignores measurements', () => {
    const gates = [gate('h', [0]), gate('cry', [0, 1], [0.4])];
    expect(simulate(circuit(2, ...gates, ...measureAll(2)))).toEqual(simulate(circuit(2, ...gates)));
  });
});

describe('memory', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  function refusalOf(qubits: number): QpoeError {
    try {
      simulate(circuit(qubits));
    } catch (error) {
      if (error instanceof QpoeError) return error;
      throw error;
    }
    throw new Error('was not refused');
  }

  test('is 16 bytes an amplitude', () => {
    expect(stateBytes(1)).toBe(32);
    expect(stateBytes(MAX_QUBITS)).toBe(256 * 2 ** 20);
  });

  test('over 24 qubits is refused, with the figure', () => {
    const refusal = refusalOf(25);
    expect(refusal.code).toBe('refused');
    expect(refusal.message).toBe(
      "25 qubits need 512 MiB of memory for the state: the simulator's limit is 24",
    );
    expect(refusal.hint).toContain('fewer qubits');
    expect(refusalOf(40).message).toContain('16 TiB');
    expect(refusalOf(5000).code).toBe('refused');
  });

  test('that the machine does not give is refused alike', () => {
    vi.stubGlobal(
      'Float64Array',
      class {
        constructor() {
          throw new RangeError('Array buffer allocation failed');
        }
      },
    );
    const refusal = refusalOf(20);
    expect(refusal.code).toBe('refused');
    expect(refusal.message).toContain('20 qubits need 16 MiB');
    expect(refusal.cause).toBeInstanceOf(RangeError);
  });
});
