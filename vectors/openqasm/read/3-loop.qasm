OPENQASM 3.0;
include "stdgates.inc";
qubit[4] q;
h q[0];
for uint i in [0:2] { cx q[i], q[i + 1]; rz(pi/(i + 1)) q[i]; }
for int i in [3:-2:0] x q[i];
