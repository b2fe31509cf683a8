OPENQASM 4.0;
qubit q;
// refused: line 1, column 10: OpenQASM 4.0 is not read
