OPENQASM 3.0;
include "stdgates.inc";
switch (1) { }
// refused: line 3, column 1: switch is not read
