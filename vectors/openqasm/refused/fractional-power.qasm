OPENQASM 3.0;
include "stdgates.inc";
qubit q;
pow(0.5) @ u3(1, 2, 3) q;
// refused: line 4, column 1: a fractional power of u3 is not read
