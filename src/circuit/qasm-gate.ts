/** Gate definitions: what a call of one costs, and its expansion into base gates. */

import type { Emit } from './controlled-gate.ts';
import { applyGate, applyPhase, countGates, countPhaseGates } from './controlled-gate.ts';
import { GATES, type GateName } from './gates.ts';
import type { Cost } from './qasm-budget.ts';
import type { Expression } from './qasm-expression.ts';
import { type Evaluation, evaluate, FUNCTION_STEPS, type Value } from './qasm-value.ts';

export interface DefinedGate {
  readonly kind: 'defined';
  readonly name: string;
  /** Whether it came with an include, and may be defined again by the file. */
  readonly library: boolean;
  readonly parameters: readonly string[];
  readonly qubits: number;
  readonly body: readonly BodyItem[];
  /** How deep definitions nest. */
  readonly depth: number;
  /** By the number of controls. */
  readonly costs: Map<number, Cost>;
}

export type Gate =
  | DefinedGate
  | { readonly kind: 'base'; readonly name: GateName; readonly library: boolean }
  /** `gphase`: an angle, and no qubit. */
  | { readonly kind: 'phase' };

export interface Call {
  readonly at: number;
  readonly gate: Gate;
  /** Added by `ctrl @` (true) and `negctrl @` (false), on the first qubits. */
  readonly controls: readonly boolean[];
  /** Of `pow @` and `inv @`. */
  readonly power: number;
  readonly angles: readonly Expression[];
}

export type BodyItem =
  | { readonly kind: 'call'; readonly call: Call; readonly qubits: readonly number[] }
  | { readonly kind: 'barrier'; readonly qubits: readonly number[] };

export function shapeOf(gate: Gate): { readonly qubits: number; readonly angles: number } {
  if (gate.kind === 'phase') return { qubits: 0, angles: 1 };
  return gate.kind === 'base' ? GATES[gate.name] : { qubits: gate.qubits, angles: gate.parameters.length };
}

/** What a call costs under so many outer controls. Sums that no double holds become Infinity, which no budget has. */
export function costOfCall(call: Call, outer = 0): Cost {
  const once = costOfGate(call.gate, outer + call.controls.length, call.power);
  const times = Number.isInteger(call.power) && call.gate.kind !== 'phase' ? Math.abs(call.power) : 1;
  const flips = 2 * call.controls.filter((positive) => !positive).length;
  const angles = call.angles.reduce((sum, angle) => sum + stepsOf(angle), 1);
  return {
    operations: multiply(once.operations, times) + flips,
    steps: multiply(once.steps, times) + flips + angles,
  };
}

/** Infinity times nothing is nothing. */
function multiply(cost: number, times: number): number {
  return times === 0 ? 0 : cost * times;
}

function stepsOf(expression: Expression): number {
  switch (expression.kind) {
    case 'call':
      return expression.arguments.reduce((sum, argument) => sum + stepsOf(argument), FUNCTION_STEPS);
    case 'binary': {
      const own = expression.operator === '^' || expression.operator === '**' ? FUNCTION_STEPS : 1;
      return own + stepsOf(expression.left) + stepsOf(expression.right);
    }
    case 'unary':
      return 1 + stepsOf(expression.operand);
    default:
      return 1;
  }
}

function costOfGate(gate: Gate, controls: number, power: number): Cost {
  if (gate.kind === 'phase') return { operations: countPhaseGates(controls), steps: 1 };
  if (gate.kind === 'base') {
    const operations = countGates(gate.name, controls, power);
    return { operations, steps: operations };
  }
  const known = gate.costs.get(controls);
  if (known !== undefined) return known;
  const cost = costOfBody(gate.body, controls);
  gate.costs.set(controls, cost);
  return cost;
}

function costOfBody(body: readonly BodyItem[], controls: number): Cost {
  let operations = 0;
  let steps = 1;
  for (const item of body) {
    const cost =
      item.kind === 'call'
        ? costOfCall(item.call, controls)
        : { operations: 1, steps: 1 + item.qubits.length };
    operations += cost.operations;
    steps += cost.steps;
  }
  return { operations, steps };
}

export interface Output {
  readonly emit: Emit;
  readonly barrier: (qubits: readonly number[]) => void;
}

/** Where a call stands in the expansion of others. */
export interface Position {
  readonly controls: readonly number[];
  /** −1 where what is around it is inverted. */
  readonly sign: 1 | -1;
}

export const TOP: Position = { controls: [], sign: 1 };

/**
 * The call as base gates.
 * @param evaluation  of the angles, in whose terms the bodies of definitions are evaluated too
 */
export function expandCall(
  output: Output,
  call: Call,
  qubits: readonly number[],
  evaluation: Evaluation,
  { controls: outer, sign }: Position,
): void {
  const angles = call.angles.map((angle) => evaluate(evaluation, angle).value);
  const own = qubits.slice(0, call.controls.length);
  const flipped = own.filter((_, index) => !call.controls[index]);
  for (const qubit of flipped) output.emit('x', [qubit]);
  const applied = {
    angles,
    controls: [...outer, ...own],
    qubits: qubits.slice(call.controls.length),
    power: call.power * sign,
  };
  expandGate(output, call, applied, evaluation);
  for (const qubit of flipped) output.emit('x', [qubit]);
}

interface Applied {
  readonly angles: readonly number[];
  readonly controls: readonly number[];
  readonly qubits: readonly number[];
  readonly power: number;
}

function expandGate(output: Output, { gate, at }: Call, applied: Applied, evaluation: Evaluation): void {
  if (gate.kind === 'phase') applyPhase(output.emit, applied.angles[0]! * applied.power, applied.controls);
  else if (gate.kind === 'base') applyGate(output.emit, { name: gate.name, ...applied });
  else expandDefined(output, gate, applied, insideOf(gate, applied.angles, at, evaluation));
}

function expandDefined(output: Output, gate: DefinedGate, applied: Applied, inside: Evaluation): void {
  const sign = applied.power < 0 ? -1 : 1;
  const body = sign < 0 ? gate.body.toReversed() : gate.body;
  for (let time = 0; time < Math.abs(applied.power); time++)
    for (const item of body) {
      const qubits = item.qubits.map((index) => applied.qubits[index]!);
      if (item.kind === 'barrier') output.barrier(qubits);
      else expandCall(output, item.call, qubits, inside, { controls: applied.controls, sign });
    }
}

/** The gate's parameters by name; they are real numbers whatever was passed. Its costs were paid with the call's. */
function insideOf(gate: DefinedGate, angles: readonly number[], at: number, outer: Evaluation): Evaluation {
  const values = new Map<string, Value>(
    gate.parameters.map((name, index) => [name, { value: angles[index]!, integer: false }]),
  );
  const find = (name: string) => values.get(name) ?? outer.findGlobal(name);
  if (gate.library) return { ...outer, find, at: outer.at ?? at };
  return { ...outer, find };
}
