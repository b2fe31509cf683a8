OPENQASM 2.0;
include "qelib1.inc";
gate f a { h a; f a; }
qreg q[1];
f q[0];
// refused: line 3, column 17: gate f calls itself
