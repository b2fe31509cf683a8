OPENQASM 3.0;
include "stdgates.inc";
qubit q;
ctrl(101) @ x q;
// refused: line 4, column 1: more than 100 controls
