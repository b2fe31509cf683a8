// first
OPENQASM 3.0;
include "stdgates.inc";
/* a block
   of lines */ qubit q; // end
rx(1.5e-1) q; /**/ ry(.25) q;
