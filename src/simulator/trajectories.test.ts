import { describe, expect, test } from 'vitest';
import { type Circuit, gate, measure, measureAll, type Operation } from '../circuit/circuit.ts';
import { planCircuit } from './plan.ts';
import { groundStage, sampleCounts, samplePlan, versionOf } from './sampler.ts';
import { stateBytes } from './statevector.ts';
import { branchingBytes } from './trajectories.ts';

function circuit(qubits: number, bits: number, ...operations: Operation[]): Circuit {
  return { version: 1, qubits, bits, operations };
}

function reset(qubit: number): Operation {
  return { op: 'reset', qubits: [qubit] };
}

function when(bits: number[], equals: string, then: Operation[], otherwise: Operation[] = []): Operation {
  return { op: 'if', bits, equals, then, else: otherwise };
}

function countsOf(given: Circuit, shots: number, seed = 1): Record<string, number> {
  return Object.fromEntries(sampleCounts(given, shots, seed));
}

const h = (qubit: number) => gate('h', [qubit]);
const x = (qubit: number) => gate('x', [qubit]);

/** The state `prepare` makes of qubit 0, moved to qubit 2 and undone there: bit 2 is 0 in every shot. */
const teleport = circuit(
  3,
  3,
  gate('ry', [0], [0.9]),
  gate('rz', [0], [0.4]),
  h(1),
  gate('cx', [1, 2]),
  gate('cx', [0, 1]),
  h(0),
  measure(0, 0),
  measure(1, 1),
  when([1], '1', [x(2)]),
  when([0], '1', [gate('z', [2])]),
  gate('rz', [2], [-0.4]),
  gate('ry', [2], [-0.9]),
  measure(2, 2),
);

describe('what is certain', () => {
  test('a teleported state arrives in every shot', () => {
    const counts = countsOf(teleport, 4000);
    expect(Object.keys(counts).sort()).toEqual(['000', '001', '010', '011']);
    for (const count of Object.values(counts)) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  test('a qubit measured twice says the same twice', () => {
    const twice = circuit(1, 2, h(0), measure(0, 0), gate('z', [0]), measure(0, 1));
    expect(versionOf(planCircuit(twice))).toBe(2);
    expect(Object.keys(countsOf(twice, 1000)).sort()).toEqual(['00', '11']);
  });

  test('one object at two places is two operations', () => {
    const shared = measure(0, 0);
    const flip = x(0);
    expect(countsOf(circuit(1, 1, flip, shared, flip, shared), 5)).toEqual({ '0': 5 });
    expect(countsOf(circuit(1, 1, flip, shared, when([0], '1', [flip]), flip, shared), 5)).toEqual({
      '1': 5,
    });
  });

  test('a reset qubit is 0, and what it was entangled with keeps its outcome', () => {
    const counts = countsOf(circuit(2, 2, h(0), gate('cx', [0, 1]), reset(0), ...measureAll(2)), 1000);
    expect(Object.keys(counts).sort()).toEqual(['00', '10']);
  });

  test('a reset 1 is 0, and can be used again', () => {
    expect(countsOf(circuit(1, 2, x(0), reset(0), measure(0, 0), x(0), measure(0, 1)), 9)).toEqual({
      '10': 9,
    });
  });

  test('a condition on several bits takes its text most significant first', () => {
    const set = [x(0), measure(0, 0), measure(1, 1)];
    expect(countsOf(circuit(3, 3, ...set, when([0, 1], '01', [x(2)]), measure(2, 2)), 5)).toEqual({
      '101': 5,
    });
    expect(countsOf(circuit(3, 3, ...set, when([0, 1], '10', [x(2)]), measure(2, 2)), 5)).toEqual({
      '001': 5,
    });
    expect(countsOf(circuit(3, 3, ...set, when([1, 0], '10', [x(2)]), measure(2, 2)), 5)).toEqual({
      '101': 5,
    });
  });

  test('a condition is decided before its list runs, and a nested one sees what the list wrote', () => {
    const inner = [x(0), measure(0, 0), when([0], '0', [x(1)])];
    const nested = circuit(2, 2, x(0), measure(0, 0), when([0], '1', inner, [h(1)]), measure(1, 1));
    expect(countsOf(nested, 7)).toEqual({ '10': 7 });
  });

  test('bits that nothing wrote are 0 to a condition', () => {
    expect(countsOf(circuit(1, 2, when([1], '0', [x(0)]), measure(0, 0)), 3)).toEqual({ '01': 3 });
  });

  test('a late measurement overwrites an early one of the same bit', () => {
    expect(countsOf(circuit(2, 1, x(0), measure(0, 0), x(0), measure(1, 0)), 4)).toEqual({ '0': 4 });
  });
});

describe('what it costs', () => {
  function passesFor(given: Circuit, shots: number): number {
    const stage = groundStage(given.qubits);
    let passes = 0;
    samplePlan(planCircuit(given), shots, 1, 0, {
      ...stage,
      apply: (pass) => {
        passes++;
        stage.apply(pass);
      },
    });
    return passes;
  }

  test('a thousand teleportations are four branches', () => {
    // One pass before the measurements, at most three in each branch after them.
    expect(passesFor(teleport, 1000)).toBeLessThanOrEqual(1 + 4 * 3);
  });

  test('a fork whose outcome is certain is none', () => {
    const certain = circuit(
      1,
      1,
      ...Array.from({ length: 50 }, () => [x(0), measure(0, 0), reset(0)]).flat(),
    );
    expect(passesFor(certain, 1000)).toBe(50);
  });

  test('memory grows with the logarithm of the shots, and not without forks', () => {
    const flips = circuit(10, 1, ...Array.from({ length: 100 }, () => [h(0), measure(0, 0)]).flat());
    expect(branchingBytes(planCircuit(flips), 1)).toBe(stateBytes(10));
    expect(branchingBytes(planCircuit(flips), 1024)).toBe(6 * stateBytes(10));
    expect(branchingBytes(planCircuit(flips), 10_000_000)).toBe(12.5 * stateBytes(10));
    expect(branchingBytes(planCircuit(circuit(10, 10, h(0), ...measureAll(10))), 1024)).toBe(stateBytes(10));
  });

  test('three thousand forks in a row neither overflow the stack nor underflow the state', () => {
    const flips = Array.from({ length: 3000 }, () => [h(0), h(1), measure(0, 0), measure(1, 1)]).flat();
    const counts = countsOf(circuit(2, 2, ...flips, h(0)), 40);
    expect(Object.values(counts).reduce((sum, count) => sum + count)).toBe(40);
    expect(Object.keys(counts).length).toBe(4);
  });
});

test('both samplers agree on what the other one would say, within chance', () => {
  const gates = [gate('ry', [0], [0.9]), gate('ry', [1], [1.7]), gate('cx', [0, 1]), gate('ry', [1], [0.3])];
  const shots = 200_000;
  const one = sampleCounts(circuit(2, 2, ...gates, ...measureAll(2)), shots, 1);
  // The last gates force trajectories, and change nothing that is measured.
  const two = sampleCounts(circuit(2, 2, ...gates, ...measureAll(2), x(0), x(1)), shots, 1);
  expect([...one.keys()]).toEqual([...two.keys()]);
  let chiSquare = 0;
  for (const [key, count] of one) chiSquare += (count - two.get(key)!) ** 2 / (count + two.get(key)!);
  // Three degrees of freedom exceed 16.3 once in a thousand.
  expect(chiSquare).toBeLessThan(16.3);
});
