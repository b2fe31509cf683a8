OPENQASM 2.0;
include "qelib1.inc";
qreg q[1];
rx(3pi) q[0];
// refused: line 4, column 4: the number 3 runs into pi
