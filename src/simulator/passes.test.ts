import { describe, expect, test } from 'vitest';
import { type GateOperation, gate } from '../circuit/circuit.ts';
import { GATES, type GateName } from '../circuit/gates.ts';
import { pythonRandom } from '../core/python-random.ts';
import { TILE_QUBITS } from './kernels.ts';
import { type Move, movesOf } from './moves.ts';
import { applyPass, planPasses } from './passes.ts';
import { plainKernels } from './plain-kernels.ts';
import { groundState, type Statevector } from './statevector.ts';
import { wasmKernels } from './wasm-kernels.ts';

const random = pythonRandom(17);
const below = (limit: number) => Math.floor(random.random() * limit);

function randomGate(op: GateName, qubits: number): GateOperation {
  const chosen = new Set<number>();
  while (chosen.size < GATES[op].qubits) chosen.add(below(qubits));
  return gate(
    op,
    [...chosen],
    Array.from({ length: GATES[op].angles }, () => 12 * random.random() - 6),
  );
}

/** Every gate there is, several times, on a state without symmetry. */
function scramble(qubits: number): Move[] {
  const names = Object.keys(GATES) as GateName[];
  const start = Array.from({ length: qubits }, (_, qubit) => gate('u3', [qubit], [1.1, 0.2 * qubit, 0.7]));
  const rest = Array.from({ length: 3 * names.length }, (_, at) =>
    randomGate(names[at % names.length]!, qubits),
  );
  return [...start, ...rest].flatMap(movesOf);
}

/** Move by move through the whole state: what the passes must come to, rounding included. */
function applyDirectly({ re, im }: Statevector, { kind, fixed, start, flip, numbers }: Move): void {
  const product = (at: number, i: number) => ({
    re: numbers[at]! * re[i]! - numbers[at + 1]! * im[i]!,
    im: numbers[at]! * im[i]! + numbers[at + 1]! * re[i]!,
  });
  const set = (i: number, value: { re: number; im: number }) => {
    re[i] = value.re;
    im[i] = value.im;
  };
  const sum = (a: { re: number; im: number }, b: { re: number; im: number }) => ({
    re: a.re + b.re,
    im: a.im + b.im,
  });
  for (let i = 0; i < re.length; i++) {
    if ((i & fixed) !== start) continue;
    const j = i ^ flip;
    const here = { re: re[i]!, im: im[i]! };
    const there = { re: re[j]!, im: im[j]! };
    if (kind === 'scale') set(i, product(0, i));
    else if (kind === 'exchange') {
      set(i, there);
      set(j, here);
    } else {
      const rows = [sum(product(0, i), product(2, j)), sum(product(4, i), product(6, j))] as const;
      set(i, rows[0]);
      set(j, rows[1]);
    }
  }
}

describe('passes give the bits of the moves one by one', () => {
  const kernels = { plain: plainKernels(), wasm: wasmKernels()! };

  test('WebAssembly is there, or this tests nothing', () => {
    expect(kernels.wasm).toBeDefined();
  });

  test.each([1, 2, 3, 5, TILE_QUBITS, TILE_QUBITS + 1, TILE_QUBITS + 3])('%d qubits', (qubits) => {
    const fitting = scramble(Math.max(qubits, 3)).filter(({ fixed }) => fixed < 2 ** qubits);
    const direct = groundState(qubits);
    for (const move of fitting) applyDirectly(direct, move);
    const passes = planPasses(fitting, qubits);
    for (const name of ['plain', 'wasm'] as const) {
      const state = groundState(qubits);
      for (const pass of passes) applyPass(state, pass, kernels[name]);
      // Adding 0 makes the two zeros one: no probability tells them apart.
      const same = (a: Float64Array, b: Float64Array) =>
        a.every((value, i) => Object.is(value + 0, b[i]! + 0));
      expect(same(state.re, direct.re)).toBe(true);
      expect(same(state.im, direct.im)).toBe(true);
    }
  });
});

describe('the plan', () => {
  test('keeps every move, in its order, and no flip leaves its tile', () => {
    const qubits = 20;
    const moves = scramble(qubits);
    const passes = planPasses(moves, qubits);
    expect(passes.flatMap((pass) => pass.moves.map(({ move }) => move))).toEqual(moves);
    for (const { moves: placed, outer, inner, tiles } of passes) {
      expect(placed.every(({ move }) => (move.flip & outer) === 0)).toBe(true);
      expect(inner ^ outer).toBe(2 ** qubits - 1);
      expect(tiles * 2 ** TILE_QUBITS).toBe(2 ** qubits);
    }
  });

  test('takes a layer on twenty qubits in two passes', () => {
    const layer = Array.from({ length: 20 }, (_, qubit) => gate('h', [qubit])).flatMap(movesOf);
    expect(planPasses(layer, 20)).toHaveLength(2);
  });

  test('diagonal gates and controls never end a pass', () => {
    const gates = Array.from({ length: 19 }, (_, qubit) => [
      gate('rz', [qubit], [1]),
      gate('cx', [qubit + 1, 0]),
    ]);
    expect(planPasses(gates.flat().flatMap(movesOf), 20)).toHaveLength(1);
  });
});
