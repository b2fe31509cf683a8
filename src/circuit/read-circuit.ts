/** Reading a gate list from JSON: its shape, and the rules that make it a circuit. */

import * as z from 'zod/mini';
import type { JsonValue } from '../core/json.ts';
import { checkShape, listOf, type Shaped } from '../core/shape.ts';
import { type Circuit, MAX_ANGLE, MAX_CONDITION_DEPTH } from './circuit.ts';
import { GATES, isGateName } from './gates.ts';

const index = z.int().check(z.nonnegative());

const operationSchema = z.strictObject({
  op: z.string(),
  qubits: z.optional(listOf(index)),
  bits: z.optional(listOf(index)),
  angles: z.optional(listOf(z.number())),
  equals: z.optional(z.string()),
  // biome-ignore lint/suspicious/noThenProperty: the gate list's word; nothing awaits a schema
  get then() {
    return z.optional(listOf(operationSchema));
  },
  get else() {
    return z.optional(listOf(operationSchema));
  },
});

export const circuitSchema = z.strictObject({
  version: z.literal(1),
  qubits: z.int().check(z.positive()),
  bits: z.int().check(z.positive()),
  operations: listOf(operationSchema),
});

/** Any member that any operation has: which of them this one may have is for the rules. */
type Candidate = z.infer<typeof operationSchema>;
type Member = Exclude<keyof Candidate, 'op'>;

interface Limits {
  readonly qubits: number;
  readonly bits: number;
}

/** The circuit that a JSON value holds, or where it first isn't one. */
export function readCircuit(value: JsonValue): Shaped<Circuit> {
  const shaped = checkShape(circuitSchema, value);
  if (shaped.fault !== undefined) return shaped;
  const fault = findListFault(shaped.value.operations, 'operations', shaped.value, 0);
  return fault === undefined ? { value: shaped.value as Circuit } : { fault };
}

function findListFault(
  operations: readonly Candidate[],
  path: string,
  limits: Limits,
  depth: number,
): string | undefined {
  for (const [at, operation] of operations.entries()) {
    const here = `${path}.${at}`;
    const fault = findOperationFault(operation, limits);
    if (fault !== undefined) return `${here}: ${fault}`;
    if (operation.op !== 'if') continue;
    if (depth === MAX_CONDITION_DEPTH)
      return `${here}: conditions nested more than ${MAX_CONDITION_DEPTH} deep`;
    const inner =
      findListFault(operation.then!, `${here}.then`, limits, depth + 1) ??
      findListFault(operation.else!, `${here}.else`, limits, depth + 1);
    if (inner !== undefined) return inner;
  }
  return undefined;
}

function findOperationFault(operation: Candidate, limits: Limits): string | undefined {
  switch (operation.op) {
    case 'measure':
      return findMeasureFault(operation, limits);
    case 'reset':
      return findMemberFault(operation, ['qubits']) ?? findQubitsFault(operation, 1, limits);
    case 'barrier':
      return findMemberFault(operation, ['qubits']) ?? findQubitsFault(operation, undefined, limits);
    case 'if':
      return findIfFault(operation, limits);
    default:
      return findGateFault(operation, limits);
  }
}

const MEMBERS: readonly Member[] = ['qubits', 'bits', 'angles', 'equals', 'then', 'else'];

/** A member that it must not have, or lacks. */
function findMemberFault(operation: Candidate, wanted: readonly Member[]): string | undefined {
  for (const member of MEMBERS) {
    const has = operation[member] !== undefined;
    if (has && !wanted.includes(member)) return `${operation.op} has no member "${member}"`;
    if (!has && wanted.includes(member)) return `${operation.op} lacks its member "${member}"`;
  }
  return undefined;
}

function findQubitsFault(
  { op, qubits = [] }: Candidate,
  count: number | undefined,
  limits: Limits,
): string | undefined {
  if (qubits.length !== (count ?? Math.max(1, qubits.length)))
    return `${op} acts on ${count ?? 'at least 1'} qubits`;
  if (new Set(qubits).size !== qubits.length) return `${op} names a qubit twice`;
  const tooFar = qubits.find((qubit) => qubit >= limits.qubits);
  return tooFar === undefined ? undefined : `no qubit ${tooFar}`;
}

function findGateFault(operation: Candidate, limits: Limits): string | undefined {
  const { op, angles } = operation;
  if (!isGateName(op)) return `no gate "${op}"`;
  if (operation.bits !== undefined) return `${op} writes no bit`;
  const shape = GATES[op];
  if (angles?.length === 0) return 'an empty list of angles';
  if ((angles?.length ?? 0) !== shape.angles) return `${op} takes ${shape.angles} angles`;
  const members: readonly Member[] = shape.angles === 0 ? ['qubits'] : ['qubits', 'angles'];
  if (angles?.some((angle) => Math.abs(angle) >= MAX_ANGLE)) return 'an angle of 2^53 radians or more';
  return findMemberFault(operation, members) ?? findQubitsFault(operation, shape.qubits, limits);
}

function findMeasureFault(operation: Candidate, limits: Limits): string | undefined {
  if (operation.angles !== undefined) return 'a measurement takes no angle';
  const [bit, ...others] = operation.bits ?? [];
  if (bit === undefined || others.length > 0) return 'a measurement writes one bit';
  if (bit >= limits.bits) return `no bit ${bit}`;
  return findMemberFault(operation, ['qubits', 'bits']) ?? findQubitsFault(operation, 1, limits);
}

function findIfFault(operation: Candidate, limits: Limits): string | undefined {
  const fault = findMemberFault(operation, ['bits', 'equals', 'then', 'else']);
  if (fault !== undefined) return fault;
  const bits = operation.bits!;
  if (bits.length === 0) return 'if tests no bit';
  if (new Set(bits).size !== bits.length) return 'if names a bit twice';
  const tooFar = bits.find((bit) => bit >= limits.bits);
  if (tooFar !== undefined) return `no bit ${tooFar}`;
  if (!/^[01]+$/.test(operation.equals!) || operation.equals!.length !== bits.length)
    return `"equals" is not ${bits.length} of 0 and 1`;
  return operation.then!.length + operation.else!.length === 0 ? 'if does nothing either way' : undefined;
}
