OPENQASM 3.0;
include "stdgates.inc";
gate bell(t) a, b { h a; cx a, b; rz(t) b; negctrl @ sx a, b; }
qubit[4] q;
h q;
ctrl @ bell(0.3) q[3], q[1], q[2];
inv @ negctrl @ bell(0.4) q[0], q[2], q[3];
pow(2) @ bell(0.1) q[1], q[0];
ctrl(2) @ bell(0.6) q[0], q[3], q[1], q[2];
