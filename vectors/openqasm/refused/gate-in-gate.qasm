OPENQASM 2.0;
include "qelib1.inc";
gate f a { gate g b { h b; } }
// refused: line 3, column 12: "gate" inside a gate: a body holds only gates
