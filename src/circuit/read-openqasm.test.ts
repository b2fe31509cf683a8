import { describe, expect, it, test } from 'vitest';
import { conditional, gate, measure } from './circuit.ts';
import { appendMeasureAll, hasMeasurement } from './measurement.ts';
import { readOpenQasm } from './read-openqasm.ts';

const read2 = (body: string) => readOpenQasm(`OPENQASM 2.0;\ninclude "qelib1.inc";\n${body}`, 'test.qasm');
const read3 = (body: string, parameters: Record<string, number> = {}) =>
  readOpenQasm(
    `OPENQASM 3.0;\ninclude "stdgates.inc";\n${body}`,
    'test.qasm',
    new Map(Object.entries(parameters)),
  );
const operations2 = (body: string) => read2(body).circuit.operations;
const operations3 = (body: string, parameters?: Record<string, number>) =>
  read3(body, parameters).circuit.operations;

describe('registers', () => {
  it('number qubits and bits in the order of their declaration', () => {
    const { circuit, registers, version } = read2(
      'qreg a[2]; creg x[1]; qreg b[1]; creg y[2]; cx a[1], b[0]; measure b[0] -> y[1];',
    );
    expect(version).toBe(2);
    expect(circuit).toEqual({
      version: 1,
      qubits: 3,
      bits: 3,
      operations: [gate('cx', [1, 2]), measure(2, 2)],
    });
    expect(registers).toEqual([
      { name: 'x', first: 0, size: 1 },
      { name: 'y', first: 1, size: 2 },
    ]);
  });

  it('may have the name of a gate of the library in OpenQASM 2', () =>
    expect(operations2('qreg s[1]; s s[0];')).toEqual([gate('s', [0])]));

  it('are measured in every form of OpenQASM 3', () =>
    expect(
      operations3(
        'qubit[2] q; bit[2] c; c = measure q; measure q[0] -> c[1]; bit d = measure q[1]; c[0] = measure q[1];',
      ),
    ).toEqual([measure(0, 0), measure(1, 1), measure(0, 1), measure(1, 2), measure(1, 0)]));

  it('broadcast a single qubit beside a register', () =>
    expect(operations2('qreg a[1]; qreg b[2]; cx a, b; cx b, a[0];')).toEqual([
      gate('cx', [0, 1]),
      gate('cx', [0, 2]),
      gate('cx', [1, 0]),
      gate('cx', [2, 0]),
    ]));

  it('have slices, sets, negative indices and aliases', () =>
    expect(operations3('qubit[5] q; let a = q[1:2] ++ q[4:4]; x a[-1]; y q[{3, 0}]; z q[4:-2:0];')).toEqual([
      gate('x', [4]),
      ...[3, 0].map((qubit) => gate('y', [qubit])),
      ...[4, 2, 0].map((qubit) => gate('z', [qubit])),
    ]));

  it('are physical qubits by their number', () => {
    const { circuit } = read3('cx $0, $3;');
    expect(circuit).toMatchObject({ qubits: 4, operations: [gate('cx', [0, 3])] });
  });
});

describe('conditions', () => {
  const condition = (text: string) => operations3(`qubit q; bit[2] c; bit b; if (${text}) x q; else y q;`);
  const x = [gate('x', [0])];
  const y = [gate('y', [0])];

  test.each([
    ['c == 2', conditional([0, 1], '10', x, y)],
    ['2 == c', conditional([0, 1], '10', x, y)],
    ['c == "10"', conditional([0, 1], '10', x, y)],
    ['c != 2', conditional([0, 1], '10', y, x)],
    ['!(c == 2)', conditional([0, 1], '10', y, x)],
    ['c[1]', conditional([1], '1', x, y)],
    ['!b', conditional([2], '1', y, x)],
    ['b == false', conditional([2], '0', x, y)],
    ['b != 1', conditional([2], '1', y, x)],
    ['c[1] && !b', conditional([1, 2], '01', x, y)],
    ['c[1] || b', conditional([1, 2], '00', y, x)],
    ['c == 2 && b', conditional([0, 1, 2], '110', x, y)],
  ])('%s', (text, expected) => expect(condition(text)).toEqual([expected]));

  test.each([
    ['c == 4', y],
    ['c[0] && !c[0]', y],
    ['true', x],
    ['1 > 2', y],
    ['b || true', x],
  ])('%s is decided before the run', (text, expected) => expect(condition(text)).toEqual(expected));

  it('of OpenQASM 2 guard one operation, and a register of measurements one by one', () =>
    expect(operations2('qreg q[2]; creg c[2]; if (c==1) x q; if (c==1) measure q -> c;')).toEqual([
      conditional([0, 1], '01', [gate('x', [0]), gate('x', [1])]),
      conditional([0, 1], '01', [measure(0, 0)]),
      conditional([0, 1], '01', [measure(1, 1)]),
    ]));

  it('compare registers wider than a double', () =>
    expect(operations2('qreg q[1]; creg c[70]; if (c==1180591620717411303423) x q[0];')).toMatchObject([
      { equals: '1'.repeat(70) },
    ]));
});

describe('values', () => {
  const angle = (text: string, parameters?: Record<string, number>) =>
    operations3(`input float theta; const int n = 3; const float half = n / 2.0; qubit q; rx(${text}) q;`, {
      theta: 0.25,
      ...parameters,
    });
  test.each([
    ['theta * 2', 0.5],
    ['n / 2', 1],
    ['n / 2.0', 1.5],
    ['half', 1.5],
    ['2 ** n', 8],
    ['1 << n', 8],
    ['n % 2', 1],
    ['mod(-1, 3)', 2],
    ['pow(2, -1)', 0.5],
    ['-2 ** 2', -4],
    ['arctan(1) * 4', Math.PI],
    ['π - pi + τ / 2', Math.PI],
    ['log(euler)', 1],
    ['floor(2.7) / 2', 1],
    ['0x1F + 0b1_0 + 1_000', 1033],
    ['-0.0', 0],
  ])('%s', (text, expected) => expect(angle(text)).toEqual([gate('rx', [0], [expected])]));

  it('loops over ranges and sets, with names of their own', () =>
    expect(
      operations3(
        'qubit[4] q; for uint i in [0:2:3] { const int j = i + 1; x q[j - 1]; } for i in {3, 1} y q[i];',
      ),
    ).toEqual([gate('x', [0]), gate('x', [2]), gate('y', [3]), gate('y', [1])]));

  it('inputs are bound, listed, and must be given, known and finite', () => {
    expect(read3('input float a; input angle[20] b; qubit q; rx(a+b) q;', { a: 1, b: 2 }).inputs).toEqual([
      'a',
      'b',
    ]);
    expect(() => read3('input float a; qubit q;')).toThrow(
      'test.qasm: line 3, column 1: the input a has no value',
    );
    expect(() => read3('qubit q;', { b: 1 })).toThrow('test.qasm: no input is named "b"');
    expect(() => read3('input float a; qubit q;', { a: Number.NaN })).toThrow('the input a is NaN');
    expect(() => read3('input int a; qubit q;', { a: 0.5 })).toThrow('a is 0.5, not a whole number');
  });
});

describe('gates', () => {
  it('of the file replace what the first qelib1.inc lacked', () =>
    expect(operations2('gate rzz(t) a, b { rx(t) a; } qreg q[2]; rzz(0.5) q[0], q[1];')).toEqual([
      gate('rx', [0], [0.5]),
    ]));

  it('evaluate their parameters as real numbers', () =>
    expect(operations3('gate g(a) q { rx(a / 2) q; } qubit q; g(1) q;')).toEqual([gate('rx', [0], [0.5])]));

  it('see the constants of the file, not what is around their call', () =>
    expect(
      operations3(
        'const float a = 1; gate g q { rx(a) q; } gate f(a) q { g q; ry(a) q; } qubit q; f(5) q; for int a in {7} g q;',
      ),
    ).toEqual([gate('rx', [0], [1]), gate('ry', [0], [5]), gate('rx', [0], [1])]));

  it('without effect leave nothing', () =>
    expect(
      operations3('gate g q { gphase(1); } qubit q; g q; gphase(2); pow(0) @ x q; bit b; if (b) g q;'),
    ).toEqual([]));

  it('keep their names where a base gate has them', () =>
    expect(
      operations3(
        'qubit[3] q; ctrl @ x q[0], q[1]; ctrl(2) @ x q[0], q[1], q[2]; inv @ t q[0]; inv @ rx(1) q[0];',
      ),
    ).toEqual([gate('cx', [0, 1]), gate('ccx', [0, 1, 2]), gate('tdg', [0]), gate('rx', [0], [-1])]));
});

describe('measuring all', () => {
  it('writes new bits over registers that were never used', () => {
    const { circuit } = read2('qreg q[2]; creg c[5]; h q;');
    expect(hasMeasurement(circuit)).toBe(false);
    const measured = appendMeasureAll(circuit);
    expect(measured).toMatchObject({ bits: 2 });
    expect(measured.operations.slice(2)).toEqual([measure(0, 0), measure(1, 1)]);
    expect(hasMeasurement(measured)).toBe(true);
  });

  it('finds a measurement in a branch', () =>
    expect(hasMeasurement(read2('qreg q[1]; creg c[1]; if (c==0) measure q -> c;').circuit)).toBe(true));
});

test('a message has one short line, whatever the name', () => {
  const long = 'a'.repeat(100_000);
  expect(() => read2(`qreg q[1]; ${long} q[0];`)).toThrow(
    /^test\.qasm: line 3, column 12: no gate is named a{40}…$/,
  );
});
