/** `qpoe inspect`: what a file says, readably. It judges nothing, and never says otherwise. */

import { isReceiptLike, looksLikeReceipts } from '../../attest/read-receipts.ts';
import { isSigstoreBundle } from '../../attest/sigstore-bundle.ts';
import { STATEMENT_TYPE } from '../../attest/statement.ts';
import { emitOpenQasm3 } from '../../circuit/openqasm3.ts';
import { readCircuit } from '../../circuit/read-circuit.ts';
import { fromUtf8 } from '../../core/bytes.ts';
import { digestOf } from '../../core/digest.ts';
import { JsonError, type JsonValue, parseJsonBytes, WRAPPED } from '../../core/json.ts';
import { printable } from '../../core/printable.ts';
import { type OriginalRecord, readOriginal } from '../../record/original.ts';
import { readRecord } from '../../record/read-record.ts';
import { readBounded } from '../../store/files.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { describeBundle, describeReceiptFile, describeStatement } from './describe-evidence.ts';
import { describeRecord } from './describe-record.ts';
import { drawHistogram } from './histogram.ts';
import { shownLines } from './shown-lines.ts';

export function inspect(context: Context, path: string): ExitCode {
  const bytes = readBounded(path, WRAPPED.bytes);
  const { kind, lines } = describe(bytes);
  context.say(`${printable(path)}: ${kind}, ${bytes.length} bytes, ${digestOf(bytes)}`);
  for (const line of lines) context.say(line);
  context.note('this repeats what the file says; `qpoe verify` judges it');
  context.answer('inspect', { path, kind, bytes: bytes.length, digest: digestOf(bytes) });
  return EXIT.pass;
}

interface Description {
  readonly kind: string;
  readonly lines: readonly string[];
}

function describe(bytes: Uint8Array): Description {
  const original = readOriginal(bytes);
  if (original.fault === undefined)
    return {
      kind: `execution record ${original.value.format} of the original toolkit`,
      lines: describeOriginal(original.value),
    };
  try {
    const described = describeJson(parseJsonBytes(bytes, WRAPPED), bytes);
    return original.code === 'format.shape'
      ? { ...described, kind: `JSON, not a record of the original toolkit: ${printable(original.fault)}` }
      : described;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    if (looksLikeReceipts(bytes)) return describeReceiptFile(bytes);
    const text = fromUtf8(bytes);
    if (text === undefined) return { kind: 'binary', lines: [] };
    return { kind: `text, not strict JSON (${printable(error.message)})`, lines: shownLines(text) };
  }
}

function describeJson(value: JsonValue, bytes: Uint8Array): Description {
  if (isSigstoreBundle(value))
    return { kind: 'a signature, as a Sigstore bundle', lines: describeBundle(value) };
  if (isReceiptLike(value)) return describeReceiptFile(bytes);
  if ((value as { _type?: JsonValue } | null)?._type === STATEMENT_TYPE)
    return { kind: 'an in-toto Statement, unsigned', lines: describeStatement(bytes) };
  const record = readRecord(value);
  if (record.fault === undefined)
    return { kind: 'execution record 1.0', lines: describeRecord(record.value) };
  const circuit = readCircuit(value);
  if (circuit.fault === undefined)
    return { kind: 'gate list', lines: shownLines(emitOpenQasm3(circuit.value)) };
  const meant = typeof value === 'object' && value !== null && Object.hasOwn(value, 'schema_version');
  return {
    kind: meant ? `JSON, not a record 1.0: ${printable(record.fault)}` : 'JSON',
    lines: shownLines(JSON.stringify(value, null, 2)),
  };
}

function describeOriginal(record: OriginalRecord): string[] {
  const { qubits, depth, seed, theta, counts, signature } = record;
  const parameters = Object.entries({ n_qubits: qubits, depth, seed, theta }).filter(
    ([, value]) => value !== undefined,
  );
  const fields: readonly (readonly [string, string | undefined])[] = [
    ['record', record.recordId],
    ['workload', [record.workload, ...parameters.map((pair) => pair.join('='))].join(' ')],
    ['ran on', [record.sdk, record.sdkVersion, record.backend].filter(Boolean).join(', ')],
    ['when', `${record.startedAt} to ${record.finishedAt}, by the signer's clock`],
    ['shots', String(record.shots)],
    ['circuit', record.circuitHash],
    ['qubit 0', record.sdk === 'qiskit' ? 'on the right of an outcome' : 'on the left of an outcome'],
    ...[...drawHistogram(asNumbers(counts))].map((line) => ['', line] as const),
    ['hash', record.hash.recorded],
    [
      'signature',
      signature === undefined ? 'none: the record is unsigned' : `Ed25519, key ${signature.publicKey}`,
    ],
  ];
  return fields.flatMap(([name, value]) => {
    if (value === undefined) return [];
    return name === '' ? [value] : [`${name.padEnd(11)} ${printable(value, 2000)}`];
  });
}

/** For bars: how long they are needs no more than a double's digits. */
function asNumbers(counts: OriginalRecord['counts']): Map<string, number> {
  return new Map([...counts].map(([outcome, count]) => [outcome, Number(count)]));
}
