/** Records for benchmarks. */

import { circuitBytes, circuitDigest } from '../src/circuit/circuit.ts';
import { buildWorkload, findWorkload } from '../src/circuit/workloads.ts';
import { utf8 } from '../src/core/bytes.ts';
import { digestOf } from '../src/core/digest.ts';
import { makeRecord, type RecordContent, type RecordSigner } from '../src/record/record.ts';
import type { ExecutionRecord } from '../src/record/schema.ts';
import { uuidV7 } from '../src/store/uuid.ts';

/** Each with a circuit and seed of its own, so that nothing can be remembered from one to the next. */
export async function benchRecord(seed: number, signer: RecordSigner, now: number): Promise<ExecutionRecord> {
  const parameters = { n_qubits: 4, depth: 10, seed };
  const circuit = buildWorkload(findWorkload('clifford_t_sampling')!, parameters);
  const counts = Object.fromEntries(
    Array.from({ length: 16 }, (_, i) => [i.toString(2).padStart(4, '0'), 125]),
  );
  const time = new Date(now).toISOString();
  const content: RecordContent = {
    workload: {
      name: 'clifford_t_sampling',
      sdk: 'simulator',
      parameters,
      shots: 2000,
      programs: [
        {
          circuit: circuitDigest(circuit),
          source: { format: 'gate-list', digest: digestOf(circuitBytes(circuit)) },
          values: {},
          shots: 2000,
        },
      ],
    },
    execution: {
      class: 'executed',
      backend: 'statevector',
      started_at: time,
      finished_at: time,
      bit_order: 'c[n-1]..c[0]',
      result_summary: [{ kind: 'counts', bits: 4, counts }],
      result_digest: digestOf(utf8(String(seed))),
      environment: { sdk: 'simulator', sampler: 1, node: process.versions.node },
      seeding: { requested: seed, applied: 'sampler 1', took_effect: true },
      job: {},
      calibration: {},
      executed_circuits: [],
      timing: {},
      mitigation: {},
    },
  };
  return makeRecord(content, uuidV7(now), time, signer);
}
