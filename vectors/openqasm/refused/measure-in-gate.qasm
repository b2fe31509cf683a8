OPENQASM 3.0;
include "stdgates.inc";
gate f a { reset a; }
// refused: line 3, column 12: a reset inside a gate: a body holds only gates
