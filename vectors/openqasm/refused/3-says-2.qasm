OPENQASM 2.0;
qubit[2] q;
// refused: line 2, column 1: "qubit" is OpenQASM 3, and the file says 2.0
