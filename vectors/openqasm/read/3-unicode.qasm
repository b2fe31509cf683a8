OPENQASM 3.0;
include "stdgates.inc";
gate drehung(θ) q { rx(θ*π) q; }
qubit q;
drehung(0.25) q;
rz(τ/8) q;
