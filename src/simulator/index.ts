/** The embedded statevector simulator: its counts are fixed for ever by circuit, shots and seed. Pure. */

export { sampleCounts } from './sampler.ts';
export { MAX_QUBITS, type Statevector, simulate } from './statevector.ts';
