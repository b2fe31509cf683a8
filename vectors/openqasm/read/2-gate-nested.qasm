OPENQASM 2.0;
include "qelib1.inc";
gate first(theta, phi) a, b { rx(theta/2) a; cx a, b; rz(-phi^2) b; barrier a, b; }
gate second(x) p, q, r { first(x, sin(x)) r, p; ccx p, q, r; first(pi - x, 2) q, r; }
qreg q[3];
h q;
second(0.7) q[2], q[0], q[1];
