OPENQASM 2.0;
include "qelib1.inc";
qreg q[0];
// refused: line 3, column 1: the register q of size 0
