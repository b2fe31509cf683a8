OPENQASM 3.0;
include "stdgates.inc";
gate phased(a) q { gphase(a); rx(a) q; }
qubit[3] q;
h q;
gphase(0.3);
ctrl @ gphase(0.7) q[1];
ctrl @ phased(1.3) q[0], q[2];
ctrl(2) @ gphase(pi/4) q[0], q[1];
inv @ ctrl @ phased(0.2) q[2], q[1];
