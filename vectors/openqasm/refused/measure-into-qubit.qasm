OPENQASM 2.0;
include "qelib1.inc";
qreg q[2];
measure q[0] -> q[1];
// refused: line 4, column 17: q is no bit
