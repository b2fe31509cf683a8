OPENQASM 2.0;
include "qelib1.inc";
qreg a[2];
qreg b[3];
cx a, b;
// refused: line 5, column 1: cx on registers of sizes 2 and 3
