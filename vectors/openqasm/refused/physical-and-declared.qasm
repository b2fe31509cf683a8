OPENQASM 3.0;
include "stdgates.inc";
qubit q;
x $0;
// refused: line 4, column 3: the physical qubit $0 beside declared ones
