OPENQASM 2.0;
include "qelib1.inc";
qreg q[1];
creg c[1];
c = measure q;
// refused: line 5, column 3: "= measure" is OpenQASM 3, and the file says 2.0
