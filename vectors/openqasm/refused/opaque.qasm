OPENQASM 2.0;
include "qelib1.inc";
opaque magic(a) q;
// refused: line 3, column 1: an opaque gate: nothing says what it does is not read
