OPENQASM 2.0;
include "qelib1.inc";
gate f a { g a; }
gate g a { f a; }
// refused: line 3, column 12: no gate is named g
