OPENQASM 3.0;
include "stdgates.inc";
qubit[2] q;
x q[0.5];
// refused: line 4, column 5: an index is 0.5, not a whole number
