OPENQASM 3.0;
include "qelib1.inc";
qreg q[1];
// refused: line 2, column 1: "qelib1.inc" is of OpenQASM 2, and the file says 3.0
