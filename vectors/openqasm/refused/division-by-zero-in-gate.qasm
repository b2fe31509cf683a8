OPENQASM 2.0;
include "qelib1.inc";
gate f(a) q { rx(1/a) q; }
qreg q[1];
f(0) q[0];
// refused: line 3, column 19: a division by zero
