OPENQASM 3.0;
include "stdgates.inc";
qubit q;
box { x q; }
// refused: line 4, column 1: a timing box (box) is not read
