OPENQASM 3.0;
include "stdgates.inc";
qubit q;
bit c;
while (c) { x q; }
// refused: line 5, column 1: a while loop is not read
