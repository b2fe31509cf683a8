OPENQASM 3.0;
include "stdgates.inc";
/* never
// refused: line 3, column 1: a comment that does not end
