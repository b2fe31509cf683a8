OPENQASM 2.0;
include "qelib1.inc";
gate f a { h a;
// refused: line 3, column 6: the body of gate f is never closed
