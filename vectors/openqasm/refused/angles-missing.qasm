OPENQASM 2.0;
include "qelib1.inc";
qreg q[1];
u3(1, 2) q[0];
// refused: line 4, column 1: u3 takes 3 angles, here 2
