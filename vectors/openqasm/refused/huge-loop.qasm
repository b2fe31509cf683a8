OPENQASM 3.0;
include "stdgates.inc";
qubit q;
for int i in [0:1000000000] { }
// refused: line 4, column 14: here the file has taken more than 10000000 steps to read
