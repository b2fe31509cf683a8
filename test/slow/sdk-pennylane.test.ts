import { join } from 'node:path';
import { describeSdk } from '../sdk-suite.ts';

await describeSdk({
  name: 'pennylane',
  backend: 'default.qubit',
  conditions: 'no measurement or reset',
  unitary: `
import importlib.util, json
import pennylane as qml

spec = importlib.util.spec_from_file_location("shim", ${JSON.stringify(join(import.meta.dirname, '../../python/pennylane_shim.py'))})
shim = importlib.util.module_from_spec(spec)
spec.loader.exec_module(shim)

def unitary(text):
    return qml.matrix(lambda: shim.apply_all(json.loads(text)["operations"], {}, None), wire_order=[2, 1, 0])()
`,
});
