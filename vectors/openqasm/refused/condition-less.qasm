OPENQASM 3.0;
include "stdgates.inc";
qubit q;
bit[2] c;
if (c < 2) x q;
// refused: line 5, column 7: a condition with < is not read
