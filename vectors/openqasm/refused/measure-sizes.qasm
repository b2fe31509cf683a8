OPENQASM 2.0;
include "qelib1.inc";
qreg q[2];
creg c[3];
measure q -> c;
// refused: line 5, column 1: a measurement of 2 qubits into 3 bits
