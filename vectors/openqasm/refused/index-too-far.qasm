OPENQASM 2.0;
include "qelib1.inc";
qreg q[2];
x q[2];
// refused: line 4, column 3: q[2]: q has elements 0 to 1
