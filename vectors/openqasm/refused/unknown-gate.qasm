OPENQASM 2.0;
include "qelib1.inc";
qreg q[1];
frob q[0];
// refused: line 4, column 1: no gate is named frob
