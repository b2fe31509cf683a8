import { describe, expect, it } from 'vitest';
import { type Circuit, conditional, gate, measure, measureAll, type Operation } from '../circuit/circuit.ts';
import { simulate } from '../simulator/statevector.ts';
import { cacheFolder } from './cache.ts';
import { findSdk } from './registry.ts';

const sdk = findSdk('qdk', { cacheDir: cacheFolder(process.env) });
const status = await sdk.status();
const limits = { timeoutMs: 60_000, signal: new AbortController().signal };

const circuitOf = (qubits: number, bits: number, operations: readonly Operation[]): Circuit => ({
  version: 1,
  qubits,
  bits,
  operations,
});

async function countsOf(circuit: Circuit, shots: number, seed = 1): Promise<Map<string, number>> {
  const outcome = await sdk.run({ programs: [{ circuit, shots }], seed }, limits);
  return new Map(outcome.programs[0]!.counts);
}

const ry = (qubit: number) => gate('ry', [qubit], [0.4 + 0.5 * qubit]);

describe.skipIf(!status.usable)(`qdk${status.usable ? '' : ` (skipped: ${status.reason})`}`, () => {
  it('puts bits in the order c[n-1]…c[0], an unmeasured one as 0', async () => {
    const circuit = circuitOf(3, 4, [gate('x', [0]), measure(0, 1), measure(1, 3), measure(2, 0)]);
    expect(await countsOf(circuit, 7)).toEqual(new Map([['0010', 7]]));
  });

  it('is seeded by all 53 bits, and finds so', async () => {
    const circuit = circuitOf(6, 6, [
      ...[0, 1, 2, 3, 4, 5].map((qubit) => gate('h', [qubit])),
      ...measureAll(6),
    ]);
    const [a, again, large, other] = await Promise.all(
      [7, 7, 2 ** 32 + 7, 2 ** 53 - 1].map((seed) => countsOf(circuit, 100, seed)),
    );
    expect(a).toEqual(again);
    expect([large, other]).not.toContainEqual(a);
    expect(large).not.toEqual(other);
    const { seeding } = await sdk.run({ programs: [{ circuit, shots: 1 }], seed: 7 }, limits);
    expect(seeding).toMatchObject({ requested: 7, took_effect: true });
  });

  it('turns controlled rotations as far as they say, beyond 2π and below 0', async () => {
    const shots = 2_000;
    const circuits = (['crx', 'cry', 'crz'] as const).map((op) =>
      circuitOf(3, 3, [
        ...[0, 1, 2].map(ry),
        gate(op, [2, 0], [-2.5]),
        gate('h', [2]),
        gate(op, [1, 2], [7.5]),
        gate('h', [0]),
        gate('sx', [1]),
        ...[0, 1, 2].map(ry),
        ...measureAll(3),
      ]),
    );
    const outcome = await sdk.run(
      { programs: circuits.map((circuit) => ({ circuit, shots })), seed: 1 },
      limits,
    );
    for (const [index, circuit] of circuits.entries()) {
      const { counts } = outcome.programs[index]!;
      const { re, im } = simulate(circuit);
      const distance = re.reduce((sum, real, state) => {
        const seen = (counts.get(state.toString(2).padStart(3, '0')) ?? 0) / shots;
        return sum + Math.abs(real ** 2 + im[state]! ** 2 - seen) / 2;
      }, 0);
      expect(distance).toBeLessThan(0.06);
    }
  });

  it('tests bits by their own numbers, and measures and resets under a condition', async () => {
    const circuit = circuitOf(3, 3, [
      gate('x', [0]),
      measure(0, 0),
      conditional([0, 1, 2], '001', [gate('x', [1])]),
      conditional([0, 1, 2], '100', [gate('x', [2])]),
      measure(1, 1),
      conditional([1], '1', [{ op: 'reset', qubits: [0] }, measure(0, 0)]),
      measure(2, 2),
    ]);
    expect(await countsOf(circuit, 5)).toEqual(new Map([['010', 5]]));
  });

  it('that fails says so in one line', async () => {
    const layer = Array.from({ length: 40 }, (_, qubit) => gate('rx', [qubit], [0.3]));
    const chain = Array.from({ length: 39 }, (_, qubit) => gate('cry', [qubit, qubit + 1], [0.7]));
    const deep = circuitOf(40, 40, [...layer, ...chain, ...layer, ...chain, ...measureAll(40)]);
    await expect(
      sdk.run({ programs: [{ circuit: deep, shots: 1000 }], seed: 1 }, { ...limits, timeoutMs: 1_500 }),
    ).rejects.toMatchObject({ code: 'external', message: expect.stringContaining('QDK') });
  });
});
