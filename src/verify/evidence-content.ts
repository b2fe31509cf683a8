/** What a verified file says, for a report or a page: read from the very bytes that were verified, and judged by nobody here. */

import { observableText } from '../circuit/observable.ts';
import { fromUtf8 } from '../core/bytes.ts';
import { type Digest, digestOf } from '../core/digest.ts';
import { JsonError, type JsonObject, type JsonValue, parseJsonBytes, WRAPPED } from '../core/json.ts';
import { isOriginalLike, readOriginal } from '../record/original.ts';
import { readRecord } from '../record/read-record.ts';
import type { ExecutionRecord, Result } from '../record/schema.ts';
import { bindingOf } from './binding-checks.ts';
import { decodeArtifact, type EvidenceBundle, isBundleLike, readBundle } from './bundle.ts';
import { findObservables, type ReadObject } from './held-objects.ts';

export interface EvidenceContent {
  readonly facts: readonly (readonly [name: string, text: string])[];
  /** All of them the signer's own. */
  readonly times: readonly (readonly [name: string, text: string])[];
  readonly results: readonly ShownResult[];
  /** Results that are not shown. */
  readonly more: number;
  readonly circuits: readonly ShownCircuit[];
}

export interface ShownResult {
  readonly title: string;
  readonly counts?: ReadonlyMap<string, number | bigint>;
  readonly expectation?: {
    readonly values: readonly number[];
    readonly errors?: readonly number[];
    /** What each is of, where the file says so: `ZZ`, `0.5 IX + 2 ZZ`. */
    readonly observables?: readonly string[];
  };
  /** Where there are no counts to show. */
  readonly text?: string;
}

export interface ShownCircuit {
  /** Of which program. */
  readonly program: number;
  readonly title: string;
  readonly digest: Digest;
  readonly text: string;
  /** Whether this is its beginning only. */
  readonly cut: boolean;
}

const MOST_RESULTS = 8;
const MOST_CIRCUITS = 4;
const MOST_CHARACTERS = 32_768;

/** Undefined where it is no record and holds none. */
export function readContent(bytes: Uint8Array): EvidenceContent | undefined {
  const evidence = readEvidence(bytes);
  if (evidence === undefined) return describeOriginal(bytes);
  return describe(evidence.record, evidence.bundle?.artifacts ?? {});
}

/** A record of our own, and the bundle that it came in. */
export interface Evidence {
  readonly record: ExecutionRecord;
  readonly bundle?: EvidenceBundle;
}

export function readEvidence(bytes: Uint8Array): Evidence | undefined {
  const value = parse(bytes);
  if (value === undefined || isOriginalLike(value) || !isObject(value)) return undefined;
  if (!isBundleLike(value)) return withRecord(value, {});
  const bundle = readBundle(value).value;
  return bundle && withRecord(bundle.record, { bundle });
}

function withRecord(value: JsonObject, rest: Omit<Evidence, 'record'>): Evidence | undefined {
  const record = readRecord(value).value;
  return record && { record, ...rest };
}

const isObject = (value: JsonValue): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function parse(bytes: Uint8Array): JsonValue | undefined {
  try {
    return parseJsonBytes(bytes, WRAPPED);
  } catch (error) {
    if (error instanceof JsonError) return undefined;
    throw error;
  }
}

function describe(record: ExecutionRecord, artifacts: EvidenceBundle['artifacts']): EvidenceContent {
  const { workload, execution, labels, source, record: own } = record;
  const parameters = Object.entries(workload.parameters).map(([name, value]) => `${name}=${value}`);
  const results = execution.result_summary;
  const optional = (name: string, text: string | undefined): [string, string][] =>
    text === undefined ? [] : [[name, text]];
  return {
    facts: [
      ...optional('label', labels?.label),
      ...optional('note', labels?.note),
      ['workload', [workload.name, ...parameters].join(' ')],
      ['ran on', `${workload.sdk}, ${execution.backend} (${execution.class})`],
      ['shots', String(workload.shots)],
      ...optional('job', describeJob(execution.job)),
      ...optional('commit', source?.commit),
      ...optional('bound to', describeBinding(record)),
    ],
    times: [
      ['started', execution.started_at],
      ['finished', execution.finished_at],
      ['recorded', own.created_at],
    ],
    results: results
      .slice(0, MOST_RESULTS)
      .map((_, at) => showResult(record, at, (digest) => heldIn(artifacts, digest))),
    more: Math.max(0, results.length - MOST_RESULTS),
    circuits: showCircuits(record, artifacts),
  };
}

/** By the provider's own handles; a run of one's own has none. */
function describeJob({ provider, job_id: job, session_id: session }: JsonObject): string | undefined {
  if (typeof job !== 'string' && typeof session !== 'string') return undefined;
  return [
    ...(typeof provider === 'string' ? [provider] : []),
    ...(typeof job === 'string' ? [`job ${job}`] : []),
    ...(typeof session === 'string' ? [`session ${session}`] : []),
  ].join(', ');
}

function describeBinding(record: ExecutionRecord): string | undefined {
  const binding = bindingOf(record);
  if (binding === undefined) return undefined;
  const { aiir_statement: statement, transparency_entry: entry } = binding.provenance;
  return `the receipt’s statement ${statement}, entry ${entry.log_index} of ${entry.log}`;
}

function heldIn(artifacts: EvidenceBundle['artifacts'], digest: Digest): Uint8Array | undefined {
  return Object.hasOwn(artifacts, digest) ? decodeArtifact(artifacts[digest]!) : undefined;
}

function titleOf({ kind }: Result): string {
  return kind === 'expectation' ? 'Expectation values' : 'Counts, keyed c[n-1]…c[0]';
}

function showResult({ workload, execution }: ExecutionRecord, at: number, read: ReadObject): ShownResult {
  const result = execution.result_summary[at]!;
  const of = execution.result_summary.length;
  const title = of === 1 ? titleOf(result) : `Result ${at} of ${of}`;
  if (result.kind === 'none') return { title, text: 'none' };
  if (result.kind === 'expectation') {
    const { values, std_errors: errors } = result;
    const text = `expectation values ${values.slice(0, 64).join(', ')}`;
    const program = workload.programs[at];
    const found = program === undefined ? [] : findObservables(program, read);
    // Fewer or more than there are values, and none is known to be of which.
    const isOfEach = typeof found !== 'string' && found.length === values.length;
    return {
      title,
      text,
      expectation: {
        values,
        ...(errors === undefined ? {} : { errors }),
        ...(isOfEach ? { observables: found.map(observableText) } : {}),
      },
    };
  }
  if ('digest' in result)
    return { title, text: `${result.outcomes} outcomes, in the record by their digest ${result.digest}` };
  return { title, counts: new Map(Object.entries(result.counts)) };
}

/** Only text that is what the record names: an artifact whose digest lies is shown as nothing. */
function showCircuits(
  { workload }: ExecutionRecord,
  artifacts: EvidenceBundle['artifacts'],
): readonly ShownCircuit[] {
  const named = workload.programs.flatMap(({ input, source }, at) => [
    ...(input === undefined ? [] : [{ ...input, program: at, title: `program ${at}, as it was given` }]),
    ...(source === undefined ? [] : [{ ...source, program: at, title: `program ${at}, as the SDK got it` }]),
  ]);
  const distinct = new Map(named.toReversed().map((one) => [one.digest, one]));
  return [...distinct.values()]
    .reverse()
    .filter(({ format }) => format.startsWith('openqasm'))
    .flatMap(({ digest, format, title, program }) => {
      const bytes = heldIn(artifacts, digest);
      const text = bytes !== undefined && digestOf(bytes) === digest ? fromUtf8(bytes) : undefined;
      if (text === undefined) return [];
      const cut = text.length > MOST_CHARACTERS;
      return [{ program, title: `${title} (${format})`, digest, text: text.slice(0, MOST_CHARACTERS), cut }];
    })
    .slice(0, MOST_CIRCUITS);
}

function describeOriginal(bytes: Uint8Array): EvidenceContent | undefined {
  const { value: record } = readOriginal(bytes);
  if (record === undefined) return undefined;
  const { counts, shots, qubits, depth, sdk, startedAt, finishedAt, createdAt } = record;
  return {
    facts: [
      ['format', `${record.format} of the original toolkit`],
      ['ran on', sdk],
      ['circuit', `${qubits} qubits, depth ${depth}`],
      ['shots', String(shots)],
    ],
    times: [
      ['started', startedAt],
      ['finished', finishedAt],
      ...(createdAt === undefined ? [] : [['recorded', createdAt] as const]),
    ],
    results: [{ title: 'Counts', counts: new Map(counts) }],
    more: 0,
    circuits: [],
  };
}
