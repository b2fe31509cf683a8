/** What some SDKs do not run in a branch. */

import { QpoeError } from '../core/error.ts';
import type { IfOperation, MeasureOperation, Operation, ResetOperation } from './circuit.ts';

/** @throws QpoeError `refused`, naming the statement and its condition */
export function refuseUnderCondition(
  title: string,
  refused: readonly ('measure' | 'reset')[],
  operations: readonly Operation[],
  condition?: IfOperation,
): void {
  for (const operation of operations) {
    if (operation.op === 'if')
      refuseUnderCondition(title, refused, [...operation.then, ...operation.else], operation);
    else if (condition !== undefined && isOneOf(refused, operation))
      throw new QpoeError(
        'refused',
        `${title} runs no ${operation.op} under a condition: ${describe(operation)} in an if on ${condition.bits.map((bit) => `c[${bit}]`).join(', ')}`,
        'take it out of the condition, or use --sdk simulator',
      );
  }
}

function isOneOf(
  refused: readonly string[],
  operation: Operation,
): operation is MeasureOperation | ResetOperation {
  return refused.includes(operation.op);
}

function describe(operation: MeasureOperation | ResetOperation): string {
  const qubit = `q[${operation.qubits[0]}]`;
  return operation.op === 'reset' ? `reset ${qubit}` : `c[${operation.bits[0]}] = measure ${qubit}`;
}
