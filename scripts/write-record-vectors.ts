// Writes vectors/record/: one case a file, one failure a case, signed with the key whose seed is 32 bytes of 0x07.
// A case that is there already is never rewritten: it is a promise to every reader of the format.

import { createPrivateKey } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { circuitBytes, circuitDigest } from '../src/circuit/circuit.ts';
import { emitOpenQasm3, OPENQASM3_EMITTER } from '../src/circuit/openqasm3.ts';
import { buildWorkload, findWorkload } from '../src/circuit/workloads.ts';
import { toBase64, utf8 } from '../src/core/bytes.ts';
import { digestBytes, digestOf } from '../src/core/digest.ts';
import {
  makeRecord,
  type RecordContent,
  type RecordSigner,
  recordHash,
  recordText,
} from '../src/record/record.ts';
import type { ExecutionRecord } from '../src/record/schema.ts';
import { recordSigner } from '../src/store/identity.ts';

const FOLDER = join(import.meta.dirname, '../vectors/record');
const NOW = '2026-11-21T12:00:00.000Z';
const RECORD_ID = '01a1fdfa-4600-7000-8000-000000000001';

const signerOf = (seed: number): RecordSigner => {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, seed)]);
  return recordSigner(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
};
const signer = signerOf(7);
const stranger = signerOf(8);
const policy = `version = 1\n[[signer]]\nname = "vector"\ned25519 = "${toBase64(signer.publicKey)}"\n`;

const circuit = buildWorkload(findWorkload('clifford_t_sampling')!, { n_qubits: 2, depth: 3, seed: 7 });

function content(): RecordContent {
  return {
    workload: {
      name: 'clifford_t_sampling',
      sdk: 'qiskit',
      parameters: { n_qubits: 2, depth: 3, seed: 7 },
      shots: 100,
      programs: [
        {
          circuit: circuitDigest(circuit),
          source: { format: 'openqasm3', digest: digestOf(utf8(emitOpenQasm3(circuit))) },
          values: {},
          shots: 100,
        },
      ],
    },
    execution: {
      class: 'executed',
      backend: 'aer_simulator',
      started_at: '2026-11-21T11:59:58Z',
      finished_at: '2026-11-21T11:59:59Z',
      bit_order: 'c[n-1]..c[0]',
      result_summary: [{ kind: 'counts', bits: 2, counts: { '00': 40, '01': 25, '10': 20, '11': 15 } }],
      result_digest: digestOf(utf8('the raw result')),
      environment: { openqasm3_emitter: OPENQASM3_EMITTER, note: 'é ψ \u0001 "' },
      seeding: { requested: 7, took_effect: true },
      job: {},
      calibration: {},
      executed_circuits: [],
      timing: { seconds: 0.1, tiny: 1e-7, large: 1e30 },
      mitigation: {},
    },
  };
}

async function signed(
  change: (content: RecordContent) => void = () => undefined,
  by: RecordSigner | undefined = signer,
) {
  const made = content();
  change(made);
  return makeRecord(made, RECORD_ID, NOW, by);
}

async function changed(change: (record: ExecutionRecord) => void): Promise<string> {
  const record = await signed();
  change(record);
  return recordText(record);
}

/** With the hash made good again, and the old signature left. */
async function rehashed(change: (record: ExecutionRecord) => void): Promise<string> {
  return changed((record) => {
    change(record);
    record.record.hash = recordHash(record);
  });
}

async function withKey(publicKey: string): Promise<string> {
  const record = await signed();
  record.record.public_key = publicKey;
  record.record.hash = recordHash(record);
  record.record.signature = toBase64(await signer.sign(digestBytes(record.record.hash)));
  return recordText(record);
}

type Expectation = { verdict: string; check: string; status: string; code?: string };
const fails = (check: string, code: string): Expectation => ({
  verdict: 'fail',
  check,
  status: 'fail',
  code,
});
const plain = recordText(await signed());

const CASES: [string, string, string, Expectation][] = [
  ['valid', 'a record of one program', plain, { verdict: 'pass', check: 'record.signer', status: 'pass' }],
  [
    'valid-compact',
    'the same record without white space, its members in another order',
    JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(plain)).reverse())),
    { verdict: 'pass', check: 'record.hash', status: 'pass' },
  ],
  [
    'valid-result-by-digest',
    'a result that stands by digest',
    recordText(
      await signed((r) => {
        r.execution.result_summary = [
          { kind: 'counts', bits: 2, outcomes: 4, digest: digestOf(utf8('counts')) },
        ];
      }),
    ),
    { verdict: 'pass', check: 'record.counts', status: 'unknown', code: 'counts.digest' },
  ],
  [
    'valid-expectation',
    'expectation values, with a second program',
    recordText(
      await signed((r) => {
        r.workload.name = 'job';
        r.workload.programs.push({
          circuit: circuitDigest(circuit),
          values: { theta: 0.5 },
          observables: digestOf(utf8('ZZ')),
          shots: 0,
        });
        r.execution.result_summary.push({ kind: 'expectation', values: [-0.25], std_errors: [0.01] });
      }),
    ),
    { verdict: 'pass', check: 'record.counts', status: 'pass' },
  ],
  [
    'valid-gate-list-source',
    'the gate list itself as the source',
    recordText(
      await signed((r) => {
        r.workload.programs[0]!.source = { format: 'gate-list', digest: digestOf(circuitBytes(circuit)) };
      }),
    ),
    { verdict: 'pass', check: 'circuit.source', status: 'pass' },
  ],
  [
    'unsigned',
    'nobody signed it',
    recordText(await makeRecord(content(), RECORD_ID, NOW)),
    { verdict: 'inconclusive', check: 'record.signature', status: 'absent', code: 'signature.none' },
  ],
  [
    'signer-unknown',
    'signed by a key that the policy does not hold',
    recordText(await signed(undefined, stranger)),
    { verdict: 'inconclusive', check: 'record.signer', status: 'unknown', code: 'signer.unknown' },
  ],
  [
    'version-newer',
    'a version from the future, with a member from the future',
    plain.replace('"1.0"', '"1.1", "new": 1'),
    { verdict: 'inconclusive', check: 'record.format', status: 'unknown', code: 'format.newer' },
  ],
  [
    'version-missing',
    'the version taken away: it is a record still, and in a folder it must not be passed over',
    plain.replace('"schema_version": "1.0",', ''),
    fails('record.format', 'format.version'),
  ],
  [
    'count-changed',
    'one shot moved',
    await changed((r) => {
      Object.assign(r.execution.result_summary[0]!, { counts: { '00': 39, '01': 26, '10': 20, '11': 15 } });
    }),
    fails('record.hash', 'hash.mismatch'),
  ],
  [
    'count-changed-rehashed',
    'one shot moved, and the hash made good',
    await rehashed((r) => {
      Object.assign(r.execution.result_summary[0]!, { counts: { '00': 39, '01': 26, '10': 20, '11': 15 } });
    }),
    fails('record.signature', 'signature.invalid'),
  ],
  [
    'key-replaced',
    "another's key put on the record",
    await changed((r) => {
      r.record.public_key = toBase64(stranger.publicKey);
    }),
    fails('record.hash', 'hash.mismatch'),
  ],
  [
    'key-small-order',
    'the identity point as key',
    await withKey('AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='),
    fails('record.signature', 'signature.key.small-order'),
  ],
  [
    'key-unreduced',
    'a y coordinate of p + 1',
    await withKey('7v///////////////////////////////////////38='),
    fails('record.signature', 'signature.key.non-canonical'),
  ],
  [
    'key-spare-bits',
    'base64 with spare bits that are not zero',
    await withKey(toBase64(signer.publicKey).replace(/.=$/, 'x=')),
    fails('record.signature', 'signature.encoding'),
  ],
  [
    'signature-zero',
    '64 zero bytes as signature',
    await changed((r) => {
      r.record.signature = toBase64(new Uint8Array(64));
    }),
    fails('record.signature', 'signature.invalid'),
  ],
  [
    'signature-plus-order',
    'S + L in place of S: the same point, another encoding',
    await changed((r) => {
      r.record.signature = addOrder(r.record.signature!);
    }),
    fails('record.signature', 'signature.invalid'),
  ],
  [
    'counts-sum',
    'counts that add up to 99 of 100 shots, signed',
    recordText(
      await signed((r) => {
        Object.assign(r.execution.result_summary[0]!, { counts: { '00': 99 } });
      }),
    ),
    fails('record.counts', 'counts.result'),
  ],
  [
    'counts-width',
    'an outcome of three bits among two, signed',
    recordText(
      await signed((r) => {
        Object.assign(r.execution.result_summary[0]!, { counts: { '000': 100 } });
      }),
    ),
    fails('record.counts', 'counts.result'),
  ],
  [
    'counts-total',
    'a total that is not the sum of the programs, signed',
    recordText(
      await signed((r) => {
        r.workload.shots = 101;
      }),
    ),
    fails('record.counts', 'counts.total'),
  ],
  [
    'times-order',
    'finished an hour before it started, signed',
    recordText(
      await signed((r) => {
        r.execution.finished_at = '2026-11-21T10:59:59Z';
      }),
    ),
    fails('record.times', 'times.order'),
  ],
  [
    'times-calendar',
    '30 February',
    plain.replace('2026-11-21T11:59:58Z', '2026-02-30T11:59:58Z'),
    fails('record.format', 'format.shape'),
  ],
  [
    'circuit-another',
    'a circuit that the workload does not make, signed',
    recordText(
      await signed((r) => {
        r.workload.programs[0]!.circuit = digestOf(utf8('x'));
      }),
    ),
    fails('circuit.rebuild', 'circuit.mismatch'),
  ],
  [
    'source-another',
    'a text that does not say the circuit, signed',
    recordText(
      await signed((r) => {
        r.workload.programs[0]!.source!.digest = digestOf(utf8('x'));
      }),
    ),
    fails('circuit.source', 'source.mismatch'),
  ],
  [
    'member-unknown',
    'a member that the format does not have',
    plain.replace('"record_id"', '"verified": true, "record_id"'),
    fails('record.format', 'format.shape'),
  ],
  [
    'member-twice',
    'a member written twice',
    plain.replace('"shots"', '"shots": 100, "shots"'),
    fails('record.format', 'json.duplicate'),
  ],
  [
    'member-twice-escaped',
    'the same, the second time with an escape',
    plain.replace('"shots"', '"shots": 100, "\\u0073hots"'),
    fails('record.format', 'json.duplicate'),
  ],
  [
    'formats-two',
    "both this format's version member and the original's",
    plain.replace('"schema_version"', '"schema": "qpoe-0.1", "schema_version"'),
    fails('record.format', 'format.ambiguous'),
  ],
  [
    'surrogate-lone',
    'a lone surrogate',
    plain.replace('"aer_simulator"', '"\\ud800"'),
    fails('record.format', 'json.surrogate'),
  ],
  [
    'integer-large',
    'an integer of 2^53',
    plain.replace('"requested": 7', '"requested": 9007199254740992'),
    fails('record.format', 'json.number'),
  ],
  [
    'number-underflow',
    'a number that a double can only hold as zero',
    plain.replace('"seconds": 0.1', '"seconds": 1e-400'),
    fails('record.format', 'json.number'),
  ],
  [
    'depth-65',
    'nested 65 deep',
    plain.replace('"job": {}', `"job": ${'{"a":'.repeat(63)}1${'}'.repeat(63)}`),
    fails('record.format', 'json.depth'),
  ],
  [
    'truncated',
    'the last hundred characters cut off',
    plain.slice(0, -100),
    fails('record.format', 'json.syntax'),
  ],
];

/** RFC 8032, section 5.1.7: S must be below the group order L. */
function addOrder(signature: string): string {
  const bytes = Buffer.from(signature, 'base64');
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  let s = order;
  for (let i = 0; i < 32; i++) s += BigInt(bytes[32 + i]!) << BigInt(8 * i);
  for (let i = 0; i < 32; i++) bytes[32 + i] = Number((s >> BigInt(8 * i)) & 255n);
  return bytes.toString('base64');
}

mkdirSync(FOLDER, { recursive: true });
for (const [name, about, text, expect] of CASES) {
  const path = join(FOLDER, `${name}.json`);
  if (!existsSync(path))
    writeFileSync(path, JSON.stringify({ about, now: NOW, policy, expect, text }, null, 2) + '\n');
}
