/** Records of circuits and counts that a test chooses, with the circuits as a store or bundle would hold them. */

import { type Circuit, circuitBytes, circuitDigest, gate, measureAll } from '../src/circuit/circuit.ts';
import { type Bytes, toBase64 } from '../src/core/bytes.ts';
import type { Digest } from '../src/core/digest.ts';
import type { JsonObject } from '../src/core/json.ts';
import { ed25519Spki } from '../src/core/spki.ts';
import type { RecordSigner } from '../src/record/record.ts';
import type { ExecutionRecord, Result } from '../src/record/schema.ts';
import { writeBundle } from '../src/verify/bundle.ts';
import { signedRecord } from './records.ts';

/** Every outcome of both qubits, none alike. */
export const TILTED: Circuit = {
  version: 1,
  qubits: 2,
  bits: 2,
  operations: [gate('ry', [0], [0.8]), gate('ry', [1], [1.1]), gate('cx', [0, 1]), ...measureAll(2)],
};

type Counts = Readonly<Record<string, number>>;

export interface Counted {
  readonly circuit: Circuit;
  readonly counts?: Counts;
  /** Instead of counts. */
  readonly result?: Result;
}

export interface RanOn {
  readonly class?: ExecutionRecord['execution']['class'];
  readonly sdk?: string;
  readonly backend?: string;
}

const shotsOf = ({ counts = {} }: Counted): number => Object.values(counts).reduce((sum, n) => sum + n, 0);

export function countedRecord(
  signer: RecordSigner,
  programs: readonly Counted[],
  { class: ran = 'executed', sdk = 'simulator', backend = 'statevector' }: RanOn = {},
): Promise<ExecutionRecord> {
  return signedRecord(signer, ({ workload, execution }) => {
    Object.assign(workload, { name: programs.length > 1 ? 'job' : 'circuit', sdk, parameters: {} });
    workload.shots = programs.reduce((sum, program) => sum + shotsOf(program), 0);
    workload.programs = programs.map((program) => ({
      circuit: circuitDigest(program.circuit),
      values: {},
      shots: shotsOf(program),
    }));
    Object.assign(execution, { class: ran, backend, executed_circuits: [] });
    execution.result_summary = programs.map(
      ({ circuit, counts = {}, result }) =>
        result ?? { kind: 'counts', bits: circuit.bits, counts: { ...counts } },
    );
  });
}

/** What the store would hold: the circuits by their digests. */
export function objectsOf(programs: readonly Counted[]): ReadonlyMap<Digest, Bytes> {
  return new Map(programs.map(({ circuit }) => [circuitDigest(circuit), circuitBytes(circuit)]));
}

export function countedBundle(
  signer: RecordSigner,
  record: ExecutionRecord,
  programs: readonly Counted[],
): Bytes {
  return writeBundle({
    record: record as unknown as JsonObject,
    artifacts: objectsOf(programs),
    statements: [],
    receipts: [],
    keys: [ed25519Spki(Uint8Array.from(signer.publicKey))],
    timestamps: [],
    anchors: [],
  });
}

/** A policy that knows the signer, and demands what follows. */
export function policyText(signer: RecordSigner, demands = ''): string {
  return `version = 1\n[[signer]]\nname = "lab"\ned25519 = "${toBase64(signer.publicKey)}"\n${demands}`;
}
