/** Reading a gate list from JSON: its shape, and the rules that make it a circuit. */

import * as z from 'zod/mini';
import type { JsonValue } from '../core/json.ts';
import { checkShape, type Shaped } from '../core/shape.ts';
import { type Circuit, MAX_ANGLE, type Operation } from './circuit.ts';
import { GATES, isGateName } from './gates.ts';

const index = z.int().check(z.nonnegative());

export const circuitSchema = z.strictObject({
  version: z.literal(1),
  qubits: z.int().check(z.positive()),
  bits: z.int().check(z.positive()),
  operations: z.array(
    z.strictObject({
      op: z.string(),
      qubits: z.array(index).check(z.minLength(1)),
      bits: z.optional(z.array(index)),
      angles: z.optional(z.array(z.number())),
    }),
  ),
});

/** The circuit that a JSON value holds, or where it first isn't one. */
export function readCircuit(value: JsonValue): Shaped<Circuit> {
  const shaped = checkShape(circuitSchema, value);
  if (shaped.fault !== undefined) return shaped;
  const { qubits, bits, operations } = shaped.value;
  const measured = new Set<number>();
  const written = new Set<number>();
  for (const [at, operation] of operations.entries()) {
    const fault = findOperationFault(operation as Operation, qubits, bits, measured, written);
    if (fault !== undefined) return { fault: `operations.${at}: ${fault}` };
  }
  return { value: shaped.value as Circuit };
}

function findOperationFault(
  operation: Operation,
  qubits: number,
  bits: number,
  measured: Set<number>,
  written: Set<number>,
): string | undefined {
  const { op } = operation;
  const shape = op === 'measure' ? { qubits: 1, angles: 0 } : isGateName(op) ? GATES[op] : undefined;
  if (shape === undefined) return `no gate "${op}"`;
  if (operation.qubits.length !== shape.qubits) return `${op} acts on ${shape.qubits} qubits`;
  if (new Set(operation.qubits).size !== shape.qubits) return `${op} names a qubit twice`;
  for (const qubit of operation.qubits) {
    if (qubit >= qubits) return `no qubit ${qubit}`;
    if (measured.has(qubit)) return `qubit ${qubit} was measured before`;
  }
  return operation.op === 'measure'
    ? findMeasureFault(operation, bits, measured, written)
    : findGateFault(operation, shape.angles);
}

function findGateFault(
  operation: Operation & { angles?: readonly number[] },
  angles: number,
): string | undefined {
  if ('bits' in operation) return `${operation.op} writes no bit`;
  if ((operation.angles?.length ?? 0) !== angles) return `${operation.op} takes ${angles} angles`;
  if (operation.angles?.length === 0) return 'an empty list of angles';
  return operation.angles?.some((angle) => Math.abs(angle) >= MAX_ANGLE)
    ? 'an angle of 2^53 radians or more'
    : undefined;
}

function findMeasureFault(
  { qubits, bits: target, ...rest }: Operation & { bits?: readonly number[] },
  bits: number,
  measured: Set<number>,
  written: Set<number>,
): string | undefined {
  const bit = target?.[0];
  if (bit === undefined || target?.length !== 1) return 'a measurement writes one bit';
  if ('angles' in rest) return 'a measurement takes no angle';
  if (bit >= bits) return `no bit ${bit}`;
  if (written.has(bit)) return `bit ${bit} was written before`;
  measured.add(qubits[0]!);
  written.add(bit);
  return undefined;
}
