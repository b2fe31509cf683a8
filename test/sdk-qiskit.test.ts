import { describeSdk } from './sdk-suite.ts';

await describeSdk({
  name: 'qiskit',
  backend: 'aer_simulator',
  conditions: 'all',
  unitary: `
from qiskit import qasm3
from qiskit.quantum_info import Operator

def unitary(text):
    return Operator(qasm3.loads(text.replace("bit[3] c;", ""))).data
`,
});
