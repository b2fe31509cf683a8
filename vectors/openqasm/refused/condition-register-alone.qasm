OPENQASM 3.0;
include "stdgates.inc";
qubit q;
bit[2] c;
if (c) x q;
// refused: line 5, column 5: a register alone is no condition
