OPENQASM 3.0;
include "stdgates.inc";
@vendor
qubit q;
// refused: line 3, column 1: an annotation is not read
