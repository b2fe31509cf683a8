OPENQASM 2.0;
include "qelib1.inc";
qreg q[1];
rx(exp(1000)) q[0];
// refused: line 4, column 4: an infinite number
