OPENQASM 2.0;
include "qelib1.inc";
qreg a[3];
qreg b[3];
qreg one[1];
h a;
cx a, b;
cx one[0], a;
cu1(pi/8) b, a;
