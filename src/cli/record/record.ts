/** `qpoe record`: results that someone supplies, as a record of class `supplied`. */

import { circuitBytes, circuitDigest } from '../../circuit/circuit.ts';
import { readCircuit } from '../../circuit/read-circuit.ts';
import { fromUtf8 } from '../../core/bytes.ts';
import { digestOf } from '../../core/digest.ts';
import { QpoeError } from '../../core/error.ts';
import { JsonError, type JsonValue, MAX_BYTES, parseJsonBytes } from '../../core/json.ts';
import { parseTime } from '../../core/time.ts';
import type { RecordContent } from '../../record/record.ts';
import { summarizeCounts } from '../../record/result.ts';
import { BIT_ORDER, type Program } from '../../record/schema.ts';
import { readBounded } from '../../store/files.ts';
import { openOrCreateStore } from '../../store/store.ts';
import { readClock } from '../clock.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { checkOut } from '../output.ts';
import { VERSION } from '../version.ts';
import { answerStatements, describeStatements, keepRecord } from './keep.ts';
import { describeLabels } from './labels.ts';
import { findSigners, type SigningOptions } from './signing.ts';
import { describeSource, type SourceOptions } from './source.ts';

export interface RecordOptions extends SigningOptions, SourceOptions {
  readonly counts?: string;
  readonly circuit?: string;
  readonly sdk?: string;
  readonly backend?: string;
  readonly reverseBits?: boolean;
  /** Of captures alone. */
  readonly follow?: boolean;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly label?: string;
  readonly note?: string;
  readonly out?: string;
}

export async function recordSupplied(context: Context, options: RecordOptions): Promise<ExitCode> {
  checkOut(options.out);
  const { countsFile, circuitFile } = demandFiles(options);
  const raw = readBounded(countsFile, MAX_BYTES);
  const { counts, bits, shots } = readCounts(raw, countsFile, options.reverseBits === true);
  const { program, objects: texts } = describeCircuit(circuitFile, bits, shots);
  const times = readTimes(options);
  const signers = findSigners(context, options);
  const store = openOrCreateStore(context.storePath);
  const source = await describeSource(context, store, options);
  const { result, object } = summarizeCounts(counts, bits);
  const content: RecordContent = {
    workload: { name: 'circuit', sdk: options.sdk ?? 'unknown', parameters: {}, shots, programs: [program] },
    execution: {
      class: 'supplied',
      backend: options.backend ?? 'unknown',
      ...times,
      bit_order: BIT_ORDER,
      result_summary: [result],
      result_digest: digestOf(raw),
      environment: { qpoe: VERSION },
      seeding: {},
      job: {},
      calibration: {},
      executed_circuits: [],
      timing: {},
      mitigation: {},
    },
    ...source,
    ...describeLabels(options),
  };
  const objects = [raw, ...texts, ...(object === undefined ? [] : [object])];
  const { record, path, statements, entered } = await keepRecord(
    context,
    store,
    content,
    objects,
    signers,
    options.out,
  );
  context.say(
    `record  ${record.record.record_id}  (supplied${signers.record === undefined ? ', unsigned' : ''})`,
  );
  context.say(`hash    ${record.record.hash}`);
  context.say(`kept    ${path}${options.out === undefined ? '' : `, and ${options.out}`}`);
  for (const line of describeStatements(statements, entered)) context.say(line);
  context.answer('record', {
    record_id: record.record.record_id,
    path,
    ...answerStatements(statements, entered),
    record,
  });
  return EXIT.pass;
}

function demandFiles({ counts, circuit, follow }: RecordOptions) {
  const missing = counts === undefined ? '--counts' : circuit === undefined ? '--circuit' : undefined;
  if (counts === undefined || circuit === undefined)
    throw new QpoeError(
      'usage',
      `no ${missing} FILE is given`,
      'give --counts and --circuit, or a captured job with --capture',
    );
  if (follow === true)
    throw new QpoeError('usage', '--follow is for a folder of captures', 'give --capture DIR');
  return { countsFile: counts, circuitFile: circuit };
}

interface SuppliedCounts {
  readonly counts: ReadonlyMap<string, number>;
  readonly bits: number;
  readonly shots: number;
}

function readCounts(raw: Uint8Array, path: string, reverseBits: boolean): SuppliedCounts {
  const value = readJson(raw, path);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new QpoeError(
      'usage',
      `${path}: not an object of outcome → count`,
      'for example {"00": 510, "11": 514}',
    );
  const counts = new Map<string, number>();
  let bits = 0;
  let shots = 0;
  for (const [key, count] of Object.entries(value as { [outcome: string]: JsonValue })) {
    if (!/^[01]+$/.test(key))
      throw new QpoeError(
        'usage',
        `${path}: "${key}" is not an outcome`,
        'outcomes are written with 0 and 1 alone',
      );
    if (!Number.isSafeInteger(count) || (count as number) < 0)
      throw new QpoeError('usage', `${path}: the count of ${key} is not a whole number`);
    bits ||= key.length;
    if (key.length !== bits)
      throw new QpoeError('usage', `${path}: outcomes of ${bits} and of ${key.length} bits`);
    if (count === 0) continue;
    counts.set(reverseBits ? [...key].reverse().join('') : key, count as number);
    shots += count as number;
  }
  if (shots === 0 || !Number.isSafeInteger(shots))
    throw new QpoeError('usage', `${path}: the counts add up to ${shots}`);
  return { counts, bits, shots };
}

function readJson(raw: Uint8Array, path: string): JsonValue {
  try {
    return parseJsonBytes(raw);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new QpoeError('usage', `${path}: ${error.message}`, 'give strict JSON');
  }
}

/** A gate list is understood; any other text is hashed as it is. */
function describeCircuit(
  path: string,
  bits: number,
  shots: number,
): { program: Program; objects: Uint8Array[] } {
  const bytes = readBounded(path, MAX_BYTES);
  if (bytes.length === 0) throw new QpoeError('usage', `${path} is empty`, 'give the circuit that was run');
  const list = readGateList(bytes, path);
  const program = { values: {}, shots };
  if (list === undefined)
    return {
      program: { source: { format: formatOf(path, bytes), digest: digestOf(bytes) }, ...program },
      objects: [bytes],
    };
  if (list.bits !== bits)
    throw new QpoeError('usage', `the circuit in ${path} writes ${list.bits} bits, the counts have ${bits}`);
  const canonical = circuitBytes(list);
  const digest = circuitDigest(list);
  return {
    program: { circuit: digest, source: { format: 'gate-list', digest }, ...program },
    objects: [canonical],
  };
}

function readGateList(bytes: Uint8Array, path: string) {
  let value: JsonValue;
  try {
    value = parseJsonBytes(bytes);
  } catch (error) {
    if (error instanceof JsonError) return undefined;
    throw error;
  }
  const meant = typeof value === 'object' && value !== null && Object.hasOwn(value, 'operations');
  if (!meant) return undefined;
  const { value: circuit, fault } = readCircuit(value);
  if (fault !== undefined)
    throw new QpoeError('usage', `${path}: ${fault}`, '`qpoe schema circuit` prints the form of a gate list');
  return circuit;
}

function formatOf(path: string, bytes: Uint8Array): string {
  const text = fromUtf8(bytes);
  if (text === undefined) return 'binary';
  const version = /^\s*(?:\/\/[^\n]*\s*)*OPENQASM\s+([23])/.exec(text)?.[1];
  if (version !== undefined) return `openqasm${version}`;
  return path.endsWith('.json') ? 'json' : 'text';
}

function readTimes({ startedAt, finishedAt }: RecordOptions): { started_at: string; finished_at: string } {
  const now = new Date(readClock()).toISOString();
  const finished = finishedAt ?? now;
  const started = startedAt ?? finished;
  for (const [flag, time] of Object.entries({ '--started-at': started, '--finished-at': finished }))
    if (parseTime(time) === undefined)
      throw new QpoeError('usage', `${flag} ${time} is not a time`, 'write it like 2026-01-14T02:01:23Z');
  if (parseTime(started)! > parseTime(finished)!)
    throw new QpoeError('usage', '--started-at lies after --finished-at');
  return { started_at: started, finished_at: finished };
}
