OPENQASM 2.0;
include "qelib1.inc";
qreg q[2];
cu3(1, 1e308*1.5, 1e308*1.5) q[0], q[1];
// refused: line 4, column 1: p: the angle Infinity is not below 2^53 radians
