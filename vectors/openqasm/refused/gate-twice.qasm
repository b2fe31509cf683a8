OPENQASM 2.0;
include "qelib1.inc";
gate f a { }
gate f a { }
// refused: line 4, column 6: the name f is used twice
