OPENQASM 2.0;
include "qelib1.inc";
qreg q[1];
}
// refused: line 4, column 1: a closing brace that nothing opened
