OPENQASM 2.0;
include "qelib1.inc";
qreg q[2];;
gate f(a,) x, y, { rx(a) x; cx x, y; }
f(0.3,) q[0], q[1],;
