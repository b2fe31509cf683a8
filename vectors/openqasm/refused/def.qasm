OPENQASM 3.0;
include "stdgates.inc";
def f(int a) { }
// refused: line 3, column 1: a subroutine (def) is not read
