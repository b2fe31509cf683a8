OPENQASM 3.0;
include "stdgates.inc";
qubit q;
pow(1000000001) @ x q;
// refused: line 4, column 19: here the circuit has more than 1000000 operations
