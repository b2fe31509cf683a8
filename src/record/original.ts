/**
 * The two record formats of the original toolkit (thequantumturtle/quantum-proof-of-execution): "0.1", as its first commit
 * wrote it, and "qpoe-0.1", as its last did. They are read for ever and never written. Closed: every member as the scripts
 * `make_record.py` wrote it, and no other.
 *
 *     "0.1"       hash = hex SHA-256 of {schema_version, workload, execution, record: {record_id, created_at, hash_alg}}
 *     "qpoe-0.1"  hash = "sha256:" + the same of {schema, workload, execution, results, artifacts: {circuit_hash}}
 *
 * both over `json.dumps(…, sort_keys=True, separators=(",", ":"))`, "0.1" in ASCII, "qpoe-0.1" in UTF-8. The Ed25519 signature
 * is over the 32 raw bytes of the hash. The signer's key is in neither hash, so a signature can be replaced by another's.
 */

import * as z from 'zod/mini';
import { type Bytes, toHex, utf8 } from '../core/bytes.ts';
import { DIGEST_PATTERN, sha256 } from '../core/digest.ts';
import { JsonError } from '../core/json.ts';
import {
  isPythonInt,
  isPythonNumber,
  type PythonNumber,
  type PythonObject,
  type PythonValue,
  parsePythonJson,
  printNumber,
  pythonInt,
  pythonText,
} from '../core/python-json.ts';
import { checkShape, membersOf, type Shaped } from '../core/shape.ts';
import { parseTime } from '../core/time.ts';

/** Both formats as one shape. */
export interface OriginalRecord {
  readonly format: '0.1' | 'qpoe-0.1';
  readonly workload: string;
  readonly sdk: 'qiskit' | 'cirq';
  /** Only "qpoe-0.1" names it. */
  readonly sdkVersion?: string;
  readonly backend: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly qubits: bigint;
  readonly depth: bigint;
  /** What drew the circuit: "qpoe-0.1" only. */
  readonly seed?: bigint;
  /** Radians, as Python prints them: "0.1" only. */
  readonly theta?: string;
  readonly shots: bigint;
  /** As the record keys them: Qiskit has qubit 0 on the right, Cirq on the left. */
  readonly counts: ReadonlyMap<string, bigint>;
  /** SHA-256 of the text that the SDK itself made of the circuit: "qpoe-0.1" only. */
  readonly circuitHash?: string;
  /** As the record has it, and of the counts that stand there: "0.1" only. */
  readonly resultDigest?: { readonly recorded: string; readonly computed: string };
  /** "0.1" only. */
  readonly recordId?: string;
  readonly createdAt?: string;
  /** The bytes that the hash covers. */
  readonly core: Bytes;
  /** The hash that the record states and the one of its core, both as its format writes them. */
  readonly hash: { readonly recorded: string; readonly computed: string };
  /** Base64; undefined where the record is unsigned. */
  readonly signature?: { readonly publicKey: string; readonly signature: string };
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const text = z.string().check(z.minLength(1));
const hex32 = z.string().check(z.regex(/^[0-9a-f]{64}$/));
const digest = z.string().check(z.regex(DIGEST_PATTERN));
const key = z.string().check(z.regex(/^[A-Za-z0-9+/]{43}=$/));
const signature = z.string().check(z.regex(/^[A-Za-z0-9+/]{86}==$/));
const time = z.string().check(
  z.regex(TIME),
  z.refine((value) => parseTime(value) !== undefined, 'no such date in the calendar'),
);
const int = z.custom<PythonNumber>(isPythonInt, 'not a whole number');
const intFrom = (least: bigint) =>
  z.custom<PythonNumber>(
    (value) => isPythonInt(value) && pythonInt(value) >= least,
    `not a whole number of at least ${least}`,
  );
const number = z.custom<PythonNumber>(isPythonNumber, 'not a number');
const sdk = z.enum(['qiskit', 'cirq']);
const counts = membersOf(z.string().check(z.regex(/^[01]+$/)), intFrom(1n));

const identity = {
  record_id: z.string().check(z.regex(UUID)),
  created_at: time,
  hash_alg: z.literal('sha256'),
};

const schema01 = z.strictObject({
  schema_version: z.literal('0.1'),
  workload: z.strictObject({
    name: z.literal('toy-param-circuit'),
    sdk,
    // Python's range() makes of a depth below 1 no layer at all.
    parameters: z.strictObject({ n_qubits: intFrom(1n), depth: int, theta: number }),
    shots: intFrom(0n),
  }),
  execution: z.strictObject({
    backend: text,
    started_at: time,
    finished_at: time,
    result_summary: counts,
    result_digest: hex32,
  }),
  record: z.discriminatedUnion('signature_alg', [
    z.strictObject({
      ...identity,
      hash: hex32,
      signature_alg: z.literal('ed25519'),
      signature,
      public_key: key,
    }),
    z.strictObject({
      ...identity,
      hash: hex32,
      signature_alg: z.literal('none'),
      signature: z.null(),
      public_key: z.null(),
    }),
  ]),
});

const schemaQpoe01 = z.strictObject({
  schema: z.literal('qpoe-0.1'),
  workload: z.strictObject({
    name: z.literal('clifford_t_sampling'),
    n_qubits: intFrom(1n),
    depth: int,
    seed: int,
    shots: intFrom(0n),
  }),
  execution: z.strictObject({
    framework: sdk,
    framework_version: text,
    backend: text,
    started_at: time,
    finished_at: time,
  }),
  results: z.strictObject({ counts }),
  artifacts: z.strictObject({ circuit_hash: digest, record_hash: digest }),
  attestation: z.strictObject({ signing_alg: z.literal('ed25519'), public_key: key, signature }),
});

/** Whether a value means to be a record of the original: then it is one or it is malformed, and nothing else. */
export function isOriginalLike(value: unknown): value is PythonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { schema, schema_version: version } = value as PythonObject;
  if (version !== undefined) return version === '0.1';
  return (typeof schema === 'string' && schema.startsWith('qpoe-')) || isUnlabelled(value as PythonObject);
}

/** A record of either format, or of ours, whose version was taken away: it fails, and is not passed over. */
function isUnlabelled(value: PythonObject): boolean {
  const holds = (names: readonly string[]): boolean => names.every((name) => Object.hasOwn(value, name));
  return (
    holds(['workload', 'execution', 'results', 'artifacts', 'attestation']) ||
    holds(['workload', 'execution', 'record'])
  );
}

export type ReadOriginal =
  | { readonly value: OriginalRecord; readonly fault?: never; readonly code?: never }
  | { readonly value?: never; readonly fault: string; readonly code: string };

/** The record that a file holds, or why it holds none. */
export function readOriginal(bytes: Uint8Array): ReadOriginal {
  let parsed: PythonValue;
  try {
    parsed = parsePythonJson(bytes);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return { fault: error.message, code: error.code };
  }
  if (!isOriginalLike(parsed)) return { fault: 'not a record of the original', code: 'format.unrecognised' };
  if (Object.hasOwn(parsed, 'schema') && Object.hasOwn(parsed, 'schema_version'))
    return { fault: 'both "schema" and "schema_version": two formats at once', code: 'format.ambiguous' };
  if (!Object.hasOwn(parsed, 'schema') && !Object.hasOwn(parsed, 'schema_version'))
    return { fault: 'a record without its version', code: 'format.version' };
  const { value, fault } = Object.hasOwn(parsed, 'schema_version') ? read01(parsed) : readQpoe01(parsed);
  return fault === undefined ? { value } : { fault, code: 'format.shape' };
}

function read01(value: PythonObject): Shaped<OriginalRecord> {
  const { fault } = checkShape(schema01, value);
  if (fault !== undefined) return { fault };
  const { schema_version, workload, execution, record } = value as unknown as z.infer<typeof schema01>;
  const { parameters } = workload;
  const { record_id, created_at, hash_alg } = record;
  const core = coreBytes(
    { schema_version, workload, execution, record: { record_id, created_at, hash_alg } },
    true,
  );
  return {
    value: {
      format: '0.1',
      workload: workload.name,
      sdk: workload.sdk,
      backend: execution.backend,
      startedAt: execution.started_at,
      finishedAt: execution.finished_at,
      qubits: pythonInt(parameters.n_qubits),
      depth: pythonInt(parameters.depth),
      theta: printNumber(parameters.theta),
      shots: pythonInt(workload.shots),
      counts: readCounts(execution.result_summary),
      resultDigest: {
        recorded: execution.result_digest,
        computed: toHex(sha256(coreBytes(execution.result_summary, true))),
      },
      recordId: record_id,
      createdAt: created_at,
      core,
      hash: { recorded: record.hash, computed: toHex(sha256(core)) },
      ...(record.signature_alg === 'none'
        ? {}
        : { signature: { publicKey: record.public_key, signature: record.signature } }),
    },
  };
}

function readQpoe01(value: PythonObject): Shaped<OriginalRecord> {
  const { fault } = checkShape(schemaQpoe01, value);
  if (fault !== undefined) return { fault };
  const { schema, workload, execution, results, artifacts, attestation } = value as unknown as z.infer<
    typeof schemaQpoe01
  >;
  const { circuit_hash } = artifacts;
  const core = coreBytes({ schema, workload, execution, results, artifacts: { circuit_hash } }, false);
  return {
    value: {
      format: 'qpoe-0.1',
      workload: workload.name,
      sdk: execution.framework,
      sdkVersion: execution.framework_version,
      backend: execution.backend,
      startedAt: execution.started_at,
      finishedAt: execution.finished_at,
      qubits: pythonInt(workload.n_qubits),
      depth: pythonInt(workload.depth),
      seed: pythonInt(workload.seed),
      shots: pythonInt(workload.shots),
      counts: readCounts(results.counts),
      circuitHash: circuit_hash,
      core,
      hash: { recorded: artifacts.record_hash, computed: `sha256:${toHex(sha256(core))}` },
      signature: { publicKey: attestation.public_key, signature: attestation.signature },
    },
  };
}

function coreBytes(value: PythonValue, ensureAscii: boolean): Bytes {
  return utf8(pythonText(value, ensureAscii));
}

function readCounts(counted: Readonly<Record<string, PythonNumber>>): ReadonlyMap<string, bigint> {
  return new Map(Object.entries(counted).map(([outcome, count]) => [outcome, pythonInt(count)]));
}
