OPENQASM 3.0;
include "stdgates.inc";
qubit q;
bit c;
if (c) { x q;
// refused: line 5, column 8: a brace that is never closed
