import { describe, expect, it } from 'vitest';
import { QpoeError } from '../core/error.ts';
import { circuitDigest } from './circuit.ts';
import { buildWorkload, findWorkload, MAX_OPERATIONS } from './workloads.ts';

const clifford = findWorkload('clifford_t_sampling')!;
const toy = findWorkload('toy-param-circuit')!;

const gates = (circuit: ReturnType<typeof buildWorkload>): string =>
  circuit.operations
    .map(
      (operation) =>
        `${operation.op}${'angles' in operation ? `(${operation.angles})` : ''} ${'qubits' in operation ? operation.qubits : ''}`,
    )
    .join('; ');

it('builds the toy circuit as the original did', () => {
  const circuit = buildWorkload(toy, { n_qubits: 3, depth: 2, theta: 1.234 });
  expect(gates(circuit)).toBe(
    'ry(1.234) 0; ry(2.468) 1; ry(3.702) 2; cx 0,1; cx 1,2; rz(1.234) 2; cx 0,1; cx 1,2; rz(2.468) 2; measure 0; measure 1; measure 2',
  );
});

it('keeps the digests of its circuits for ever', () => {
  expect(circuitDigest(buildWorkload(clifford, { n_qubits: 4, depth: 10, seed: 123 }))).toBe(
    'sha256:f88190b8d884a17fc99697a9c7ecab2b59c14c0d3a57f4a6a9c800be83538d2f',
  );
});

it('has no place for -0: an angle of -0 is the circuit of an angle of 0', () => {
  const at = (theta: number) => circuitDigest(buildWorkload(toy, { n_qubits: 1, depth: 1, theta }));
  expect(at(-0)).toBe(at(0));
});

describe('refuses', () => {
  it.each<[Record<string, unknown>, RegExp]>([
    [{ n_qubits: 0, depth: 1, seed: 1 }, /n_qubits must be a whole number of at least 1/],
    [{ n_qubits: -3, depth: 1, seed: 1 }, /n_qubits/],
    [{ n_qubits: 2.5, depth: 1, seed: 1 }, /n_qubits/],
    [{ n_qubits: '3', depth: 1, seed: 1 }, /n_qubits must be a number/],
    [{ n_qubits: 3, depth: Number.NaN, seed: 1 }, /depth/],
    [{ n_qubits: 3, depth: 1, seed: 2 ** 53 }, /seed must be a whole number from 0 to 2\^53−1/],
    [{ n_qubits: 3, depth: 1, seed: -1 }, /seed/],
    [{ n_qubits: 3, depth: 1 }, /seed is missing/],
    [{ n_qubits: 3, depth: 1, seed: 1, theta: 1 }, /no parameter "theta"/],
    [{ n_qubits: 1e9, depth: 1, seed: 1 }, /over the limit/],
    [{ n_qubits: 2 ** 52, depth: 2 ** 52, seed: 1 }, /over the limit/],
  ])('%j', (parameters, reason) => {
    expect(() => buildWorkload(clifford, parameters)).toThrow(QpoeError);
    expect(() => buildWorkload(clifford, parameters)).toThrow(reason);
  });

  it('an angle without end', () =>
    expect(() => buildWorkload(toy, { n_qubits: 3, depth: 1, theta: Number.POSITIVE_INFINITY })).toThrow(
      /finite/,
    ));

  it('an angle so large that it says nothing', () =>
    expect(() => buildWorkload(toy, { n_qubits: 3, depth: 1, theta: 1e300 })).toThrow(/2\^53/));
});

it('never makes more operations than it says beforehand', () => {
  for (const workload of [clifford, toy])
    for (const [n_qubits, depth] of [
      [1, 1],
      [2, 7],
      [9, 3],
    ] as const) {
      const parameters = {
        n_qubits,
        depth,
        ...('seed' in workload.parameters ? { seed: 5 } : { theta: 0.3 }),
      };
      expect(buildWorkload(workload, parameters).operations.length).toBeLessThanOrEqual(
        workload.size(parameters as never),
      );
    }
  expect(MAX_OPERATIONS).toBe(1_000_000);
});
