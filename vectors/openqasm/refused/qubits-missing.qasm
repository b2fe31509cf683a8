OPENQASM 2.0;
include "qelib1.inc";
qreg q[2];
ccx q[0], q[1];
// refused: line 4, column 1: ccx acts on 3 qubits, here on 2
