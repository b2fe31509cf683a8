OPENQASM 2.0;
include "qelib1.inc";
qreg q[1];
creg c[1000000000];
// refused: line 4, column 1: more than 10000 bits
