OPENQASM 3.0;
include "stdgates.inc";
qubit q;
bit[2] c;
bit b;
if (c == 1 || b) x q;
// refused: line 6, column 12: a condition that mixes || with its opposite
