OPENQASM 3.0;
include "stdgates.inc";
qubit q;
bit c;
if (c) { if (c) { if (c) { if (c) { if (c) { if (c) { if (c) { if (c) { if (c) { if (c) { if (c) { if (c) { if (c) { if (c) { if (c) { if (c) { if (c) { x q; } } } } } } } } } } } } } } } } }
// refused: line 5, column 145: conditions nested more than 16 deep
