OPENQASM 3.0;
include "stdgates.inc";
qubit[7] q;
h q;
ctrl(6) @ x q[0], q[1], q[2], q[3], q[4], q[5], q[6];
ctrl(5) @ rz(0.3) q[6], q[1], q[2], q[3], q[4], q[5];
ctrl(6) @ U(0.1, 0.2, 0.3) q[0], q[1], q[2], q[3], q[4], q[5], q[6];
