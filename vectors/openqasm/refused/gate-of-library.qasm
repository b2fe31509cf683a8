OPENQASM 2.0;
include "qelib1.inc";
gate cx a, b { CX a, b; }
// refused: line 3, column 6: the name cx is used twice
