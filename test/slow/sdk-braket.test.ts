import { describeSdk } from '../sdk-suite.ts';

await describeSdk({
  name: 'braket',
  backend: 'StateVectorSimulator',
  conditions: 'no measurement',
  unitary: `
import re
from braket.circuits import Circuit

def unitary(text):
    import numpy
    lines = [line for line in text.splitlines() if not line.startswith("bit")]
    big = Circuit.from_ir("\\n".join(lines)).to_unitary()
    swap = [int(format(k, "03b")[::-1], 2) for k in range(8)]
    return big[numpy.ix_(swap, swap)]
`,
});
