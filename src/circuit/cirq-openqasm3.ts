/**
 * The OpenQASM 3.0 text of a circuit for Cirq's importer (1.7), which reads no barrier, and a condition only on single
 * gates, only on bits that were measured, and without `else`. What it can't read is written as something else that means
 * the same; a circuit of gates, resets and measurements has the text of `openqasm3.ts`.
 *
 * - A barrier does nothing to a state, and is left out.
 * - Each gate of a branch carries its condition: `if (c[0]==1 && c[1]==0) x q[2];`. A bit that nothing has written is 0.
 * - Where a branch may change what was tested, an `else` would be a disjunction, or a test is long, the test's outcome is first written to
 *   a bit of its own, `s[k]`, by way of a spare qubit: reset, x under the condition, measured.
 * - A conditional reset exchanges the qubit with the spare one, which is reset before.
 * - A conditional measurement measures the spare qubit, always: it holds the bit's old value where the condition does not
 *   hold, and else a cx from the measured qubit, whose state that measurement collapses as its own would.
 *
 * The spare qubit is the last one of `q`. Keys named `s_…` are no results.
 */

import { type Circuit, type GateOperation, gate, type IfOperation, type Operation } from './circuit.ts';
import { emitGate, emitHeader, emitMeasurement } from './openqasm3.ts';

/** A bit of `c` or of `s` and the value it must have. */
interface Literal {
  readonly bit: string;
  readonly value: boolean;
}
type Guard = readonly Literal[];

interface Emission {
  readonly lines: string[];
  readonly spare: number;
  usesSpare: boolean;
  scratchBits: number;
  readonly written: Set<number>;
}

export function emitCirqOpenQasm3(circuit: Circuit): string {
  const emission = {
    lines: [],
    spare: circuit.qubits,
    usesSpare: false,
    scratchBits: 0,
    written: new Set<number>(),
  };
  emitOperations(emission, circuit.operations, []);
  const header = emitHeader(circuit.qubits + (emission.usesSpare ? 1 : 0), circuit.bits);
  if (emission.scratchBits > 0) header.push(`bit[${emission.scratchBits}] s;`);
  return [...header, ...emission.lines].join('\n') + '\n';
}

function emitOperations(emission: Emission, operations: readonly Operation[], guard: Guard): void {
  for (const operation of operations) {
    if (operation.op === 'if') emitIf(emission, operation, guard);
    else if (operation.op === 'measure') emitMeasure(emission, operation.qubits[0], operation.bits[0], guard);
    else if (operation.op === 'reset') emitReset(emission, operation.qubits[0], guard);
    else if (operation.op !== 'barrier') emitGuarded(emission, operation, guard);
  }
}

function emitGuarded({ lines }: Emission, operation: GateOperation, guard: Guard): void {
  const tests = guard.map(({ bit, value }) => `${bit}==${value ? 1 : 0}`);
  lines.push(guard.length === 0 ? emitGate(operation) : `if (${tests.join(' && ')}) ${emitGate(operation)}`);
}

/** The spare qubit in |0⟩. */
function takeSpare(emission: Emission): number {
  emission.usesSpare = true;
  emission.lines.push(emitGate({ op: 'reset', qubits: [emission.spare] }));
  return emission.spare;
}

function emitReset(emission: Emission, qubit: number, guard: Guard): void {
  if (guard.length === 0) emission.lines.push(emitGate({ op: 'reset', qubits: [qubit] }));
  else emitGuarded(emission, gate('swap', [qubit, takeSpare(emission)]), guard);
}

function emitMeasure(emission: Emission, qubit: number, bit: number, guard: Guard): void {
  if (guard.length === 0) emission.lines.push(emitMeasurement(bit, qubit));
  else {
    const spare = takeSpare(emission);
    if (emission.written.has(bit)) emitOldValue(emission, bit, guard);
    emitGuarded(emission, gate('cx', [qubit, spare]), guard);
    emission.lines.push(emitMeasurement(bit, spare));
  }
  emission.written.add(bit);
}

/** The bit's value into the spare qubit where the guard does not hold: everywhere, and away again where it does. */
function emitOldValue(emission: Emission, bit: number, guard: Guard): void {
  const old = { bit: nameOf(bit), value: true };
  emitGuarded(emission, gate('x', [emission.spare]), [old]);
  emitGuarded(emission, gate('x', [emission.spare]), [...guard, old]);
}

const nameOf = (bit: number): string => `c[${bit}]`;

/** Each gate of a branch repeats its tests: more than these are kept as one. */
const MAX_REPEATED_TESTS = 8;

function emitIf(emission: Emission, operation: IfOperation, guard: Guard): void {
  const { then, else: otherwise } = operation;
  const tested = testsOf(emission, operation);
  if (tested === 'never') {
    emitOperations(emission, otherwise, guard);
    return;
  }
  if (tested.length === 0) {
    emitOperations(emission, then, guard);
    return;
  }
  const written = new Set([...writtenBits(then), ...writtenBits(otherwise)]);
  const changes = operation.bits.some((bit) => written.has(bit));
  const isLong = tested.length > MAX_REPEATED_TESTS && then.length > 1;
  const keeps = changes || isLong || (otherwise.length > 0 && tested.length > 1);
  const test = keeps ? keepOutcome(emission, tested, guard) : tested;
  emitOperations(emission, then, [...guard, ...test]);
  // Only a single test has a single opposite; `keepOutcome` made it so.
  const opposite = test.map(({ bit, value }) => ({ bit, value: !value }));
  if (otherwise.length > 0) emitOperations(emission, otherwise, [...guard, ...opposite]);
}

/** What is to be tested of the bits that have been written; `never` if an unwritten one would have to be 1. */
function testsOf({ written }: Emission, { bits, equals }: IfOperation): Guard | 'never' {
  const tests = bits.map((bit, index) => ({ bit, value: equals.at(-1 - index) === '1' }));
  if (tests.some(({ bit, value }) => value && !written.has(bit))) return 'never';
  return tests.filter(({ bit }) => written.has(bit)).map(({ bit, value }) => ({ bit: nameOf(bit), value }));
}

function* writtenBits(operations: readonly Operation[]): Generator<number> {
  for (const operation of operations) {
    if (operation.op === 'measure') yield operation.bits[0];
    if (operation.op !== 'if') continue;
    yield* writtenBits(operation.then);
    yield* writtenBits(operation.else);
  }
}

/** The outcome of a test in a bit that nothing else writes. */
function keepOutcome(emission: Emission, tested: Guard, guard: Guard): Guard {
  const bit = `s[${emission.scratchBits++}]`;
  const spare = takeSpare(emission);
  emitGuarded(emission, gate('x', [spare]), [...guard, ...tested]);
  emission.lines.push(`${bit} = measure q[${spare}];`);
  return [{ bit, value: true }];
}
