OPENQASM 3.0;
include "stdgates.inc";
#pragma vendor
// refused: line 3, column 1: a line starting with # (a pragma) is not read
