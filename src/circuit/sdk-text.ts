/** Which text of a circuit an SDK is given. */

import { fromUtf8 } from '../core/bytes.ts';
import { emitBraketOpenQasm3 } from './braket-openqasm3.ts';
import { type Circuit, circuitBytes } from './circuit.ts';
import { emitCirqOpenQasm3 } from './cirq-openqasm3.ts';
import { emitOpenQasm3 } from './openqasm3.ts';
import { emitQdkOpenQasm3 } from './qdk-openqasm3.ts';
import { refuseUnderCondition } from './refused-conditions.ts';

/** A circuit as text, in a named format. */
export interface CircuitText {
  readonly format: 'gate-list' | 'openqasm3';
  readonly text: string;
}

/**
 * OpenQASM 3 as `sdk` reads it; or the gate list itself, of which the shim of an SDK that reads OpenQASM 3 badly or not at
 * all builds its circuit gate by gate.
 *
 * @throws QpoeError `refused` for what `sdk` can't run, naming it
 */
export function emitForSdk(sdk: string, circuit: Circuit): CircuitText {
  switch (sdk) {
    case 'cirq':
      return { format: 'openqasm3', text: emitCirqOpenQasm3(circuit) };
    case 'qdk':
      return { format: 'openqasm3', text: emitQdkOpenQasm3(circuit) };
    case 'braket':
      return { format: 'openqasm3', text: emitBraketOpenQasm3(circuit) };
    case 'pennylane':
      refuseUnderCondition('PennyLane', ['measure', 'reset'], circuit.operations);
      return gateList(circuit);
    case 'simulator':
    case 'qulacs':
      return gateList(circuit);
    default:
      return { format: 'openqasm3', text: emitOpenQasm3(circuit) };
  }
}

function gateList(circuit: Circuit): CircuitText {
  return { format: 'gate-list', text: fromUtf8(circuitBytes(circuit))! };
}
