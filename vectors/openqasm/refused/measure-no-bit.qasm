OPENQASM 3.0;
include "stdgates.inc";
qubit q;
measure q;
// refused: line 4, column 1: a measurement into no bit
