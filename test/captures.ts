/** A capture for tests, as the notebook package writes them. */

const BELL = `OPENQASM 3.0;
include "stdgates.inc";
bit[2] c;
qubit[2] q;
h q[0];
cx q[0], q[1];
c[0] = measure q[0];
c[1] = measure q[1];
`;

export function newCapture(change: object = {}): object {
  return {
    capture: 1,
    sdk: 'qiskit',
    backend: 'aer_simulator',
    started_at: '2026-11-20T11:59:58.000Z',
    finished_at: '2026-11-20T11:59:59.000Z',
    circuits: [{ format: 'openqasm3', text: BELL, registers: [{ name: 'c', bits: 2 }] }],
    programs: [
      {
        circuit: 0,
        values: {},
        shots: 10,
        result: { kind: 'counts', bits: 2, counts: { '00': 4, '11': 6 } },
      },
    ],
    executed: [],
    raw: { format: 'qiskit-result+json', base64: Buffer.from('{"the":"result"}').toString('base64') },
    ...change,
  };
}
