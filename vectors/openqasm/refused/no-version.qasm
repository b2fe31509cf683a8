qreg q[2];
h q[0];
// refused: line 1, column 1: a statement before the version
