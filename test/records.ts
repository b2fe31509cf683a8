/** Records for tests: made with a key of the test's own. */

import { generateKeyPairSync } from 'node:crypto';
import { circuitBytes, circuitDigest, gate, measureAll } from '../src/circuit/circuit.ts';
import { buildWorkload, findWorkload } from '../src/circuit/workloads.ts';
import { toBase64, utf8 } from '../src/core/bytes.ts';
import { digestOf } from '../src/core/digest.ts';
import { makeRecord, type RecordContent, type RecordSigner, recordHash } from '../src/record/record.ts';
import type { ExecutionRecord } from '../src/record/schema.ts';
import { recordSigner } from '../src/store/identity.ts';
import { uuidV7 } from '../src/store/uuid.ts';
import type { Policy, PolicySigner } from '../src/verify/policy.ts';
import type { Trust } from '../src/verify/trust.ts';

export const NOW = Date.parse('2026-11-21T12:00:00Z');

export function newSigner(): RecordSigner {
  return recordSigner(generateKeyPairSync('ed25519').privateKey);
}

export function trusting(signer: RecordSigner, extra: Partial<PolicySigner> = {}): Trust {
  const policy: Policy = {
    version: 1,
    signer: [{ name: 'lab', ed25519: toBase64(signer.publicKey), ...extra }],
  };
  return { kind: 'policy', path: '/home/person/trust.toml', policy };
}

const PARAMETERS = { n_qubits: 2, depth: 3, seed: 7 };

export function content(): RecordContent {
  const circuit = buildWorkload(findWorkload('clifford_t_sampling')!, PARAMETERS);
  return {
    workload: {
      name: 'clifford_t_sampling',
      sdk: 'simulator',
      parameters: PARAMETERS,
      shots: 100,
      programs: [
        {
          circuit: circuitDigest(circuit),
          input: { format: 'openqasm2', digest: digestOf(utf8('OPENQASM 2.0;')) },
          source: { format: 'gate-list', digest: digestOf(circuitBytes(circuit)) },
          values: {},
          shots: 100,
        },
      ],
    },
    execution: {
      class: 'executed',
      backend: 'statevector',
      started_at: '2026-11-21T11:59:58.000Z',
      finished_at: '2026-11-21T11:59:59.000Z',
      bit_order: 'c[n-1]..c[0]',
      result_summary: [{ kind: 'counts', bits: 2, counts: { '00': 40, '01': 25, '10': 20, '11': 15 } }],
      result_digest: digestOf(utf8('raw')),
      environment: { node: '24' },
      seeding: { requested: 7 },
      job: {},
      calibration: {},
      executed_circuits: [{ program: 0, format: 'openqasm3', digest: digestOf(utf8('executed')) }],
      timing: { queue_s: 0.5 },
      mitigation: { twirling: true },
    },
    source: {
      commit: 'a'.repeat(40),
      receipt: { receipt_id: `g1-${'b'.repeat(32)}`, statement: digestOf(utf8('receipt')) },
    },
    labels: { label: 'sweep', note: 'a note' },
  };
}

export async function signedRecord(
  signer: RecordSigner,
  change: (record: RecordContent) => void = () => undefined,
): Promise<ExecutionRecord> {
  const made = structuredClone(content());
  change(made);
  return makeRecord(made, uuidV7(NOW), new Date(NOW).toISOString(), signer);
}

/** Whatever the record now says, hashed and signed again: what the holder of a key can do. */
export async function resign(record: ExecutionRecord, signer: RecordSigner): Promise<ExecutionRecord> {
  const copy = structuredClone(record);
  copy.record.public_key = toBase64(signer.publicKey);
  copy.record.hash = recordHash(copy);
  const hash = Uint8Array.from(Buffer.from(copy.record.hash.slice(7), 'hex'));
  copy.record.signature = toBase64(await signer.sign(hash));
  return copy;
}

/** A circuit that is no workload's. */
export const BELL = {
  version: 1,
  qubits: 2,
  bits: 2,
  operations: [gate('h', [0]), gate('cx', [0, 1]), ...measureAll(2)],
} as const;
