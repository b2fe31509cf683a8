OPENQASM 2.0;
include "qelib1.inc";
qreg q[1];
rx(1e300) q[0];
// refused: line 4, column 1: rx: the angle 1e+300 is not below 2^53 radians
