OPENQASM 2.0;
include "qelib1.inc";
qreg q[1000000000];
// refused: line 3, column 1: more than 10000 qubits
