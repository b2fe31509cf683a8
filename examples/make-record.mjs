// node make-record.mjs RECORD: runs a circuit on the embedded simulator and writes its record, signed by a key made for it.
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { circuitDigest, readOpenQasm } from 'quantum-proof-of-execution/circuit';
import { canonicalBytes, digestOf, toBase64, utf8 } from 'quantum-proof-of-execution/core';
import { BIT_ORDER, makeRecord, recordText, summarizeCounts } from 'quantum-proof-of-execution/record';
import { sampleCounts } from 'quantum-proof-of-execution/simulator';
import { recordSigner, uuidV7 } from 'quantum-proof-of-execution/store';

const SHOTS = 1000;
const SEED = 7;
const text =
  'OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; bit[2] c; h q[0]; cx q[0], q[1]; c = measure q;';

const { circuit } = readOpenQasm(text, 'bell.qasm');
const startedAt = new Date().toISOString();
const counts = sampleCounts(circuit, SHOTS, SEED);
const finishedAt = new Date().toISOString();

const signer = recordSigner(generateKeyPairSync('ed25519').privateKey);
const source = { format: 'openqasm3', digest: digestOf(utf8(text)) };
const content = {
  workload: {
    name: 'circuit',
    sdk: 'simulator',
    parameters: {},
    shots: SHOTS,
    programs: [{ circuit: circuitDigest(circuit), source, values: {}, shots: SHOTS }],
  },
  execution: {
    class: 'supplied',
    backend: 'statevector',
    started_at: startedAt,
    finished_at: finishedAt,
    bit_order: BIT_ORDER,
    result_summary: [summarizeCounts(counts, 2).result],
    result_digest: digestOf(canonicalBytes(Object.fromEntries(counts))),
    environment: {},
    seeding: { simulator: SEED },
    job: {},
    calibration: {},
    executed_circuits: [],
    timing: {},
    mitigation: {},
  },
};
const record = await makeRecord(content, uuidV7(Date.now()), finishedAt, signer);
writeFileSync(process.argv[2], recordText(record));
console.log(`${record.record.hash}\n[[signer]]\nname = "example"\ned25519 = "${toBase64(signer.publicKey)}"`);
