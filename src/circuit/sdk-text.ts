/** Which text of a circuit an SDK is given. */

import type { Circuit } from './circuit.ts';
import { emitCirqOpenQasm3 } from './cirq-openqasm3.ts';
import { emitOpenQasm3 } from './openqasm3.ts';

/** OpenQASM 3 as `sdk` reads it: the plain text, or for Cirq the same with what it can't read rewritten. */
export function emitForSdk(sdk: string, circuit: Circuit): string {
  return sdk === 'cirq' ? emitCirqOpenQasm3(circuit) : emitOpenQasm3(circuit);
}
