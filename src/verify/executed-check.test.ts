import { describe, expect, it } from 'vitest';
import { content } from '../../test/records.ts';
import { type Circuit, circuitBytes, gate, measure, measureAll } from '../circuit/circuit.ts';
import { utf8 } from '../core/bytes.ts';
import { digestOf } from '../core/digest.ts';
import type { ExecutionRecord } from '../record/schema.ts';
import { type Artifact, encodeArtifact } from './bundle.ts';
import { executedCheck } from './executed-check.ts';

const qasm = (qubits: number, bits: number, ...lines: readonly string[]): string =>
  ['OPENQASM 3.0;', 'include "stdgates.inc";', `qubit[${qubits}] q;`, `bit[${bits}] c;`, ...lines, ''].join(
    '\n',
  );
const pair: Circuit = {
  version: 1,
  qubits: 2,
  bits: 2,
  operations: [gate('h', [0]), gate('cx', [0, 1]), ...measureAll(2)],
};
const MEASURED = ['c[0] = measure q[0];', 'c[1] = measure q[1];'];

interface Case {
  readonly submitted?: Circuit;
  readonly executed: string;
  readonly format?: string;
  readonly values?: Readonly<Record<string, number>>;
  /** What the bundle leaves out. */
  readonly without?: 'submitted' | 'executed';
  readonly program?: number;
}

async function judge({
  submitted = pair,
  executed,
  format = 'openqasm3',
  values = {},
  without,
  program = 0,
}: Case) {
  const { workload, execution } = content();
  const [before, after] = [circuitBytes(submitted), utf8(executed)];
  const artifacts: { [digest: `sha256:${string}`]: Artifact } = {};
  if (without !== 'submitted') artifacts[digestOf(before)] = encodeArtifact(before);
  if (without !== 'executed') artifacts[digestOf(after)] = encodeArtifact(after);
  const { source: _, input: __, ...only } = workload.programs[0]!;
  const record = {
    workload: { ...workload, programs: [{ ...only, circuit: digestOf(before), values }] },
    execution: { ...execution, executed_circuits: [{ program, format, digest: digestOf(after) }] },
  } as unknown as ExecutionRecord;
  const [check] = await executedCheck(record, artifacts);
  return [check!.status, check!.code ?? check!.evidence];
}

/** H as devices have it, with the pair on other qubits of a device of 156, and one bit each as it was. */
const COMPILED = qasm(
  156,
  2,
  ...['rz(pi/2) q[17];', 'sx q[17];', 'rz(pi/2) q[17];', 'rz(pi/2) q[18];', 'sx q[18];', 'rz(pi/2) q[18];'],
  ...['cz q[17], q[18];', 'rz(pi/2) q[18];', 'sx q[18];', 'rz(pi/2) q[18];'],
  ...['c[0] = measure q[17];', 'c[1] = measure q[18];'],
);

describe('circuit.executed', () => {
  it('passes what a compiler made of a circuit, wherever on the device', async () => {
    expect(await judge({ executed: COMPILED })).toEqual(['pass', 'it gives what was submitted gives']);
  });

  it('reads the values of inputs, and texts that have them in already', async () => {
    const submitted = { ...pair, operations: [gate('ry', [0], [0.3]), ...measureAll(2)] };
    for (const executed of [
      qasm(2, 2, 'input float[64] theta;', 'ry(theta) q[0];', ...MEASURED),
      qasm(2, 2, 'ry(0.3) q[0];', ...MEASURED),
    ])
      expect(await judge({ submitted, executed, values: { theta: 0.3 } })).toContain('pass');
  });

  it.each<[string, Case, string]>([
    ['no gate is left', { executed: qasm(2, 2, ...MEASURED) }, 'executed.collapsed'],
    ['no measurement is left', { executed: qasm(2, 2, 'h q[0];', 'cx q[0], q[1];') }, 'executed.collapsed'],
    ['nothing is left', { executed: qasm(2, 2) }, 'executed.collapsed'],
    [
      'the bits are swapped',
      {
        submitted: { ...pair, operations: [gate('x', [0]), ...measureAll(2)] },
        executed: qasm(2, 2, 'x q[0];', 'c[1] = measure q[0];', 'c[0] = measure q[1];'),
      },
      'executed.differs',
    ],
    ['a gate is missing', { executed: qasm(2, 2, 'h q[0];', ...MEASURED) }, 'executed.differs'],
    [
      'a bit is never written',
      { executed: qasm(2, 2, 'h q[0];', 'cx q[0], q[1];', MEASURED[0]!) },
      'executed.differs',
    ],
    ['it is of no program', { executed: COMPILED, program: 1 }, 'executed.program'],
  ])('fails where %s', async (_, one, code) => {
    expect(await judge(one)).toEqual(['fail', code]);
  });

  it('passes a circuit that undoes itself and was compiled to nothing', async () => {
    const submitted = { ...pair, operations: [gate('h', [0]), gate('h', [0]), ...measureAll(2)] };
    expect(await judge({ submitted, executed: qasm(2, 2, ...MEASURED) })).toContain('pass');
  });

  const many = Array.from({ length: 30 }, (_, qubit) => qubit);
  const wide: Circuit = {
    version: 1,
    qubits: 30,
    bits: 30,
    operations: [...many.map((qubit) => gate('h', [qubit])), ...measureAll(30)],
  };
  it.each<[string, Case, string, string]>([
    [
      'names one without gates that is too large to simulate',
      { submitted: wide, executed: qasm(30, 30, ...many.map((bit) => `c[${bit}] = measure q[${bit}];`)) },
      'unknown',
      'executed.collapsed',
    ],
    [
      'can’t say of one that is too large',
      {
        submitted: wide,
        executed: qasm(30, 30, 'h q;', ...many.map((bit) => `c[${bit}] = measure q[${bit}];`)),
      },
      'unknown',
      'executed.unread',
    ],
    [
      'can’t say where nothing is measured, but names one without gates',
      { submitted: { ...pair, operations: [gate('h', [0])] }, executed: qasm(2, 2) },
      'unknown',
      'executed.collapsed',
    ],
    [
      'can’t say where nothing is measured',
      { submitted: { ...pair, operations: [gate('h', [0])] }, executed: qasm(2, 2, 'h q[0];') },
      'unknown',
      'executed.unread',
    ],
    [
      'tells a compiler’s approximation',
      {
        submitted: { ...pair, operations: [gate('ry', [0], [0.3]), ...measureAll(2)] },
        executed: qasm(2, 2, 'ry(0.35) q[0];', ...MEASURED),
      },
      'unknown',
      'executed.approximate',
    ],
    [
      'tells more bits',
      { executed: qasm(2, 3, 'h q[0];', 'cx q[0], q[1];', ...MEASURED) },
      'unknown',
      'executed.bits',
    ],
    ['can’t read QPY', { executed: 'QISKIT…', format: 'qpy' }, 'unknown', 'executed.unread'],
    ['can’t read a text that is none', { executed: 'OPENQASM 3.0; nonsense' }, 'unknown', 'executed.unread'],
    [
      'can’t read a gate list that is none',
      { executed: '[1', format: 'gate-list' },
      'unknown',
      'executed.unread',
    ],
  ])('%s', async (_, one, status, code) => {
    expect(await judge(one)).toEqual([status, code]);
  });

  it.each(['submitted', 'executed'] as const)('is absent without what was %s', async (without) => {
    expect((await judge({ executed: COMPILED, without }))[0]).toBe('absent');
  });

  it('is no check of a record that names none', async () => {
    const record = content() as ExecutionRecord;
    expect(
      await executedCheck({ ...record, execution: { ...record.execution, executed_circuits: [] } }, {}),
    ).toEqual([]);
  });

  it('compares a pair once, and not more of them than a reader would wait for', async () => {
    const { workload, execution } = content();
    const bytes = circuitBytes({ ...pair, operations: [measure(0, 0)] });
    const artifacts = { [digestOf(bytes)]: encodeArtifact(bytes) };
    const of = (count: number, values: (at: number) => object) =>
      executedCheck(
        {
          workload: {
            ...workload,
            programs: Array.from({ length: count }, (_, at) => ({
              circuit: digestOf(bytes),
              values: values(at),
              shots: 1,
            })),
          },
          execution: {
            ...execution,
            executed_circuits: Array.from({ length: count }, (_, program) => ({
              program,
              format: 'gate-list',
              digest: digestOf(bytes),
            })),
          },
        } as unknown as ExecutionRecord,
        artifacts,
      );
    expect(await of(500, () => ({}))).toMatchObject([
      { status: 'pass', evidence: 'all 500 give what was submitted gives' },
    ]);
    expect(await of(500, (at) => ({ at }))).toMatchObject([{ status: 'unknown', code: 'executed.unread' }]);
  });
});
