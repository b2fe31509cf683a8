OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q;
bit[2] c;
bit[1] b;
h q[0];
x q[1];
c = measure q[0:1];
if (c == 3) { x q[2]; } else { h q[2]; }
if (!c[0]) { x q[0]; if (c[1] == true) reset q[1]; }
b[0] = measure q[2];
if (b[0]) { c[0] = measure q[1]; c[1] = measure q[0]; }
