OPENQASM 2.0;
include "qelib1.inc";
creg c[1];
// refused: line 5, column 1: the file ends, and declared no qubit
