OPENQASM 3.0;
include "stdgates.inc";
qubit q;
rx(-7/2) q;
// refused: line 4, column 6: a quotient of whole numbers that is negative and not whole: readers round it differently
