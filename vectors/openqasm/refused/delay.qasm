OPENQASM 3.0;
include "stdgates.inc";
qubit q;
delay[100ns] q;
// refused: line 4, column 1: a delay is not read
