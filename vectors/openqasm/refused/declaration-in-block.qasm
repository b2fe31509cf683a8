OPENQASM 3.0;
include "stdgates.inc";
bit b;
if (b) { qubit q; }
// refused: line 4, column 10: a declaration inside a block
