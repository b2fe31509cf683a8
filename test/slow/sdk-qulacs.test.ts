/** The SDK that docs/adding-an-sdk.md adds, held to what all must do. */

import { join } from 'node:path';
import { describeSdk } from '../sdk-suite.ts';

await describeSdk({
  name: 'qulacs',
  backend: 'qulacs.QuantumState',
  conditions: 'all',
  unitary: `
import importlib.util, json
import numpy
from qulacs import QuantumState

spec = importlib.util.spec_from_file_location("shim", ${JSON.stringify(join(import.meta.dirname, '../../python/qulacs_shim.py'))})
shim = importlib.util.module_from_spec(spec)
spec.loader.exec_module(shim)

def column(operations, index):
    state = QuantumState(3)
    state.set_computational_basis(index)
    for operation in operations:
        shim.make_gate(operation).update_quantum_state(state)
    return state.get_vector()

def unitary(text):
    return numpy.array([column(json.loads(text)["operations"], index) for index in range(8)]).T
`,
});
