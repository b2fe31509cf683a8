OPENQASM 2.0;
include "qelib1.inc";
gate f(a, a) q { }
// refused: line 3, column 11: gate f uses the name a twice
