OPENQASM 3.0;
include "stdgates.inc";
bit c;
c = 1;
// refused: line 4, column 3: an assignment to c: only a measurement writes a bit
