/** Gate calls and gate definitions, from their statements. */

import { hasRoots } from './controlled-gate.ts';
import { type BodyItem, type Call, type DefinedGate, type Gate, shapeOf } from './qasm-gate.ts';
import { QELIB1_ORIGINAL } from './qasm-library.ts';
import { MAX_DEPTH } from './qasm-parser.ts';
import { evaluationOf, find, type Reading } from './qasm-scope.ts';
import { fault, shown } from './qasm-source.ts';
import type { Modifier, Operand, Statement } from './qasm-statement.ts';
import type { Token } from './qasm-tokens.ts';
import { type Evaluation, evaluate } from './qasm-value.ts';

type CallStatement = Statement & { kind: 'call' };
type GateStatement = Statement & { kind: 'gate' };

/** Each doubles nothing, but squares the gates it takes without an ancilla. */
const MAX_CONTROLS = 100;

/** @param evaluation  of the modifiers' numbers, which are known before any gate's parameters are */
export function resolveCall(reading: Reading, statement: CallStatement, evaluation: Evaluation): Call {
  const { name, at, angles } = statement;
  const gate = reading.gates.get(name);
  if (gate === undefined) throw unknownGate(reading, statement);
  const shape = shapeOf(gate);
  if (angles.length !== shape.angles)
    throw fault(
      reading.source,
      at,
      `${shown(name)} takes ${shape.angles} ${shape.angles === 1 ? 'angle' : 'angles'}, here ${angles.length}`,
    );
  const { controls, power } = resolveModifiers(reading, statement, evaluation);
  if (!Number.isInteger(power)) checkRoot(reading, statement, gate);
  return { at, gate, controls, power, angles };
}

function unknownGate(reading: Reading, { name, at }: CallStatement): Error {
  const file = reading.version === 2 ? 'qelib1.inc' : 'stdgates.inc';
  const isVariable = find(reading, name) !== undefined;
  return isVariable
    ? fault(reading.source, at, `${shown(name)} is not a gate`)
    : fault(
        reading.source,
        at,
        `no gate is named ${shown(name)}`,
        `define it, or include "${file}" if it is in there`,
      );
}

const UNMODIFIED = { controls: [], power: 1 } as const;

function resolveModifiers(reading: Reading, { modifiers }: CallStatement, evaluation: Evaluation) {
  if (modifiers.length === 0) return UNMODIFIED;
  const controls: boolean[] = [];
  const powers: number[] = [];
  let sign = 1;
  for (const modifier of modifiers) {
    if (modifier.name === 'inv') {
      if (modifier.argument) throw fault(reading.source, modifier.at, 'inv takes no number');
      sign = -sign;
    } else if (modifier.name === 'pow') powers.push(powerOf(reading, modifier, evaluation));
    else addControls(reading, modifier, controls, evaluation);
  }
  // (U²)^½ need not be U: a root of a power is not the product of both.
  const rooted = powers.findIndex((power) => !Number.isInteger(power));
  if (rooted !== -1 && powers.length > 1)
    throw fault(reading.source, modifiers[0]!.at, 'a fractional pow beside another pow');
  return { controls, power: powers.reduce((product, power) => product * power, sign) + 0 };
}

function powerOf(reading: Reading, { at, argument }: Modifier, evaluation: Evaluation): number {
  if (argument === undefined) throw fault(reading.source, at, 'pow without a number');
  return evaluate(evaluation, argument).value;
}

function addControls(
  reading: Reading,
  modifier: Modifier,
  controls: boolean[],
  evaluation: Evaluation,
): void {
  const count = modifier.argument === undefined ? 1 : evaluate(evaluation, modifier.argument).value;
  if (!Number.isInteger(count) || count < 1)
    throw fault(reading.source, modifier.at, `${modifier.name}(${count}): not a number of controls`);
  if (controls.length + count > MAX_CONTROLS)
    throw fault(reading.source, modifier.at, `more than ${MAX_CONTROLS} controls`);
  for (let control = 0; control < count; control++) controls.push(modifier.name === 'ctrl');
}

function checkRoot(reading: Reading, { name, modifiers }: CallStatement, gate: Gate): void {
  if (gate.kind === 'phase' || (gate.kind === 'base' && hasRoots(gate.name))) return;
  throw fault(reading.source, modifiers[0]!.at, `a fractional power of ${shown(name)} is not read`);
}

/** @param library  whether the definition is the include's, not the file's */
export function defineGate(reading: Reading, statement: GateStatement, library: boolean): void {
  const { name, parameters, qubits } = statement;
  checkNames(reading, statement);
  if (qubits.length === 0) throw fault(reading.source, name.at, `gate ${shown(name.text)} acts on no qubit`);
  const indices = new Map(qubits.map(({ text }, index) => [text, index]));
  const body = statement.body.map((item) => defineItem(reading, item, statement, indices));
  const depth = 1 + body.reduce((deepest, item) => Math.max(deepest, depthOf(item)), 0);
  if (depth > MAX_DEPTH) throw fault(reading.source, name.at, `gates nested more than ${MAX_DEPTH} deep`);
  const gate: DefinedGate = {
    kind: 'defined',
    name: name.text,
    library,
    parameters: parameters.map(({ text }) => text),
    qubits: qubits.length,
    body,
    depth,
    costs: new Map(),
  };
  reading.gates.set(name.text, gate);
}

function depthOf(item: BodyItem): number {
  return item.kind === 'call' && item.call.gate.kind === 'defined' ? item.call.gate.depth : 0;
}

function checkNames(reading: Reading, { name, parameters, qubits }: GateStatement): void {
  const known = reading.gates.get(name.text);
  if (
    (known !== undefined && !mayRedefine(reading, known, name.text)) ||
    find(reading, name.text) !== undefined
  )
    throw fault(reading.source, name.at, `the name ${shown(name.text)} is used twice`);
  const seen = new Set<string>();
  for (const { text, at } of [...parameters, ...qubits]) {
    if (seen.has(text))
      throw fault(reading.source, at, `gate ${shown(name.text)} uses the name ${shown(text)} twice`);
    seen.add(text);
  }
}

/** Files bring their own rzz, because the first qelib1.inc had none. */
function mayRedefine(reading: Reading, known: Gate, name: string): boolean {
  return reading.version === 2 && known.kind !== 'phase' && known.library && !QELIB1_ORIGINAL.has(name);
}

function defineItem(
  reading: Reading,
  item: Statement,
  { name, parameters }: GateStatement,
  indices: ReadonlyMap<string, number>,
): BodyItem {
  if (item.kind !== 'call' && item.kind !== 'barrier') throw new TypeError(`${item.kind} in a gate's body`);
  const qubits = item.operands.map((operand) => qubitOf(reading, operand, name, indices));
  if (item.kind === 'barrier') return { kind: 'barrier', qubits: barrierQubits(qubits, indices.size) };
  if (item.name === name.text && !reading.gates.has(item.name))
    throw fault(reading.source, item.at, `gate ${shown(name.text)} calls itself`);
  const call = resolveCall(reading, item, evaluationOf(reading));
  const expected = call.controls.length + shapeOf(call.gate).qubits;
  if (qubits.length !== expected)
    throw fault(
      reading.source,
      item.at,
      `${shown(item.name)} acts on ${expected} ${expected === 1 ? 'qubit' : 'qubits'}, here on ${qubits.length}`,
    );
  if (new Set(qubits).size !== qubits.length)
    throw fault(reading.source, item.at, `${shown(item.name)} names a qubit twice`);
  for (const angle of call.angles) checkAngleNames(reading, angle, parameters);
  return { kind: 'call', call, qubits };
}

function barrierQubits(qubits: readonly number[], all: number): readonly number[] {
  return qubits.length === 0 ? Array.from({ length: all }, (_, index) => index) : [...new Set(qubits)];
}

function qubitOf(
  reading: Reading,
  { name, at, index }: Operand,
  gate: Token,
  indices: ReadonlyMap<string, number>,
): number {
  const found = indices.get(name);
  if (found === undefined || index !== undefined)
    throw fault(reading.source, at, `${shown(name)} is no qubit of gate ${shown(gate.text)}`);
  return found;
}

/** A body that names what there isn't is wrong even if the gate is never used. */
function checkAngleNames(
  reading: Reading,
  angle: Call['angles'][number],
  parameters: readonly Token[],
): void {
  switch (angle.kind) {
    case 'name':
      if (!parameters.some(({ text }) => text === angle.name)) evaluate(evaluationOf(reading), angle);
      return;
    case 'unary':
      checkAngleNames(reading, angle.operand, parameters);
      return;
    case 'binary':
      checkAngleNames(reading, angle.left, parameters);
      checkAngleNames(reading, angle.right, parameters);
      return;
    case 'call':
      for (const argument of angle.arguments) checkAngleNames(reading, argument, parameters);
  }
}
