OPENQASM 2.0;
include "qelib1.inc";
qreg q[1];
rx(ln(0-1)) q[0];
// refused: line 4, column 4: not a number: the function has no value here
