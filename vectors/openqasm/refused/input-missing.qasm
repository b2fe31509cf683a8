OPENQASM 3.0;
include "stdgates.inc";
input float theta;
qubit q;
// refused: line 3, column 1: the input theta has no value
