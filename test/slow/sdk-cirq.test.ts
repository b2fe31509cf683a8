import { describeSdk } from '../sdk-suite.ts';

await describeSdk({
  name: 'cirq',
  backend: 'cirq.Simulator',
  unitary: `
import cirq
from cirq.contrib.qasm_import import circuit_from_qasm

def unitary(text):
    return circuit_from_qasm(text).unitary(qubit_order=[cirq.NamedQubit(f"q_{k}") for k in (2, 1, 0)])
`,
});
