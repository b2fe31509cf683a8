/**
 * `qelib1.inc` and `stdgates.inc`, built in: nothing is opened. Most of their gates are base gates; the others are
 * defined here, with the matrices that Qiskit gives them (https://github.com/Qiskit/qiskit, `qiskit/qasm/libs`).
 */

import { GATES, type GateName } from './gates.ts';

/** In OpenQASM 3's terms, whose modifiers make them exact under any control. */
export const QELIB1_DEFINITIONS = `
gate u0(gamma) q { id q; }
gate sxdg q { inv @ sx q; }
gate cu3(theta, phi, lambda) c, t { ctrl @ u3(theta, phi, lambda) c, t; }
gate csx c, t { ctrl @ sx c, t; }
gate cu(theta, phi, lambda, gamma) c, t { p(gamma) c; ctrl @ u3(theta, phi, lambda) c, t; }
gate rxx(theta) a, b { h a; h b; cx a, b; rz(theta) b; cx a, b; h a; h b; }
gate rzz(theta) a, b { cx a, b; rz(theta) b; cx a, b; }
gate rccx a, b, c { h c; t c; cx b, c; tdg c; cx a, c; t c; cx b, c; tdg c; h c; }
gate rc3x a, b, c, d {
  h d; t d; cx c, d; tdg d; h d;
  cx a, d; t d; cx b, d; tdg d; cx a, d; t d; cx b, d; tdg d;
  h d; t d; cx c, d; tdg d; h d;
}
gate c3x a, b, c, d { ctrl(3) @ x a, b, c, d; }
gate c3sqrtx a, b, c, d { ctrl(3) @ sx a, b, c, d; }
gate c4x a, b, c, d, e { ctrl(4) @ x a, b, c, d, e; }
`;

export const STDGATES_DEFINITIONS = `
gate cu(theta, phi, lambda, gamma) c, t { p(gamma) c; ctrl @ u3(theta, phi, lambda) c, t; }
`;

const BASE = Object.keys(GATES) as GateName[];

/** Names of the library for base gates. */
export const QELIB1_BASE: ReadonlyMap<string, GateName> = new Map<string, GateName>([
  ...BASE.map((name) => [name, name] as const),
  ['u', 'u3'],
  ['cu1', 'cp'],
]);
export const STDGATES_BASE: ReadonlyMap<string, GateName> = new Map<string, GateName>([
  ...BASE.map((name) => [name, name] as const),
  ['CX', 'cx'],
  ['phase', 'p'],
  ['cphase', 'cp'],
]);

/** What a file has without an include. */
export const LANGUAGE_GATES: Readonly<Record<2 | 3, ReadonlyMap<string, GateName>>> = {
  2: new Map<string, GateName>([
    ['U', 'u3'],
    ['CX', 'cx'],
  ]),
  3: new Map<string, GateName>([['U', 'u3']]),
};

/** What the paper's qelib1.inc of 2017 has: a file that includes it may not mean something else by these. */
export const QELIB1_ORIGINAL: ReadonlySet<string> = new Set(
  'u3 u2 u1 cx id x y z h s sdg t tdg rx ry rz cz cy ch ccx crz cu1 cu3'.split(' '),
);
