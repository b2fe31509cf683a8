OPENQASM 2.0;
include "qelib1.inc";
qreg q[2];
cx q[1], q[1];
// refused: line 4, column 1: cx names a qubit twice
