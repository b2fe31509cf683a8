OPENQASM 2.0;
include "qelib1.inc";
qreg q[1];
rx(1/0) q[0];
// refused: line 4, column 5: a division by zero
