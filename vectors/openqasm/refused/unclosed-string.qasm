OPENQASM 2.0;
include "qelib1.inc;
// refused: line 2, column 9: a string that does not end on its line
