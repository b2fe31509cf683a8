OPENQASM 2.0;
include "qelib1.inc";
qreg q[1];
if (q==1) x q[0];
// refused: line 4, column 5: q is no bit
