/** Circuits: the canonical gate list with its digest, OpenQASM in and out, the named workloads. Pure. */

export { type Circuit, circuitBytes, circuitDigest, type Operation } from './circuit.ts';
export { emitOpenQasm3 } from './openqasm3.ts';
export { readCircuit } from './read-circuit.ts';
export { type ReadOpenQasm, readOpenQasm } from './read-openqasm.ts';
export { buildWorkload, findWorkload, WORKLOAD_NAMES, type Workload } from './workloads.ts';
