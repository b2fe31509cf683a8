OPENQASM 3.0;
include "stdgates.inc";
qubit q;
rx(1/2) q;
rx(7/2) q;
rx(7.0/2) q;
rx(-8/2) q;
