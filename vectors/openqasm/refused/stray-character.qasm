OPENQASM 2.0;
include "qelib1.inc";
qreg q[1];
h q[0]; ?
// refused: line 4, column 9: the character ? has no meaning here
