/**
 * A record said again by someone else: for an anonymous archive. Its key is inside a record's hash, so that no signature can be
 * exchanged; what a one-off identity signs is a new record of the same run, with a new id, hash and time of making. It says of
 * itself, in `execution.environment.republished`, that it is one, and of which record behind a salted digest, for a later link.
 */

import { type Bytes, toBase64 } from '../core/bytes.ts';
import { DIGEST_PATTERN, type Digest, digestOf } from '../core/digest.ts';
import { canonicalBytes } from '../core/jcs.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts';
import { parseTime } from '../core/time.ts';
import type { RecordContent } from '../record/record.ts';
import type { ExecutionRecord } from '../record/schema.ts';

/** Of what is closed in a record, only these can be left out; of what is open, anything. */
const CORE_FIELDS: Readonly<Record<string, readonly string[]>> = {
  label: ['labels.label'],
  note: ['labels.note'],
  commit: ['source'],
  tags: ['execution.job.tags', 'execution.mitigation.options.environment'],
  // An importer's notes name the tags and receipts that it did not find.
  job: ['execution.job.*', 'execution.environment.notes'],
};
const oneOf =
  (...known: readonly JsonValue[]) =>
  (value: JsonValue): boolean =>
    [value].flat().every((one) => known.includes(one));
const matching =
  (pattern: RegExp) =>
  (value: JsonValue): boolean =>
    typeof value === 'string' && pattern.test(value);
const whole = (value: JsonValue): boolean => Number.isSafeInteger(value);

/** Whether a value is an object of these members alone, or a list of such. */
function objectOf(members: Readonly<Record<string, (value: JsonValue) => boolean>>) {
  const fits = (value: JsonValue): boolean =>
    isJsonObject(value) &&
    Object.entries(value).every(
      ([name, member]) => Object.hasOwn(members, name) && members[name]!(member as JsonValue),
    );
  return (value: JsonValue): boolean => (Array.isArray(value) ? value.every(fits) : fits(value));
}

/**
 * Of a job, only what says how it ran, and only in the words that are known for it: a capture's members are anyone's text, and
 * every provider has its own names for ids and accounts.
 */
const JOB_KEPT: Readonly<Record<string, (value: JsonValue, record: ExecutionRecord) => boolean>> = {
  provider: (value, { workload }) => value === workload.sdk,
  program: oneOf('sampler', 'estimator', 'executor', 'noise-learner', 'circuit-runner', 'qasm3-runner'),
  status: matching(
    /^(?:initializing|queued|validating|running|done|completed|success|succeeded|cancelled|canceled|cancelled - ran too long|error|failed)$/i,
  ),
  reason_code: (value) => whole(value) || matching(/^\d{1,6}$/)(value),
  private: oneOf(true, false),
  results: objectOf({
    state: oneOf('read', 'truncated', 'none'),
    http_status: whole,
    retrieved_at: (value) => typeof value === 'string' && parseTime(value) !== undefined,
    form: oneOf('plain', 'qiskit', 'unknown'),
  }),
  circuits: objectOf({
    source: objectOf({ format: matching(/^[a-z0-9.+-]{1,40}$/), digest: matching(DIGEST_PATTERN) }),
    // As in the circuit itself.
    registers: objectOf({ name: (value) => typeof value === 'string', bits: whole }),
    no_gate_list: (value) => typeof value === 'string',
  }),
  primitive: matching(/^(?:Backend|Statevector|Aer|Fake)?(?:Sampler|Estimator)(?:V[12])?$/),
  method: oneOf(
    ...['automatic', 'statevector', 'density_matrix', 'stabilizer', 'extended_stabilizer', 'superop'],
    ...['matrix_product_state', 'unitary', 'tensor_network'],
  ),
  device: oneOf('CPU', 'GPU', 'Thrust'),
  measured_qubits: (value) => Array.isArray(value) && value.every((one) => whole(one as JsonValue)),
};
/** An open section's member, and of a form of its own all the same: what is withheld of it can't stand in its place. */
const CLOSED_MEMBER = 'execution.job.binding';
/** Whose members a record's schema does not name. */
export const OPEN_SECTIONS = [
  'environment',
  'seeding',
  'job',
  'calibration',
  'timing',
  'mitigation',
] as const;
const OPEN_FIELD = new RegExp(`^execution\\.(?:${OPEN_SECTIONS.join('|')})\\.[^.]+(?:\\.[^.]+)*$`);

/** What always stays out of an anonymous archive: names that lead to a person, an account or a repository. */
export const ANONYMOUS_FIELDS = Object.keys(CORE_FIELDS);

export function isCoreField(name: string): boolean {
  return Object.hasOwn(CORE_FIELDS, name) || OPEN_FIELD.test(name);
}

/** Whether a record has something at an open section's path, which names could be mistyped in. */
export function standsIn(record: ExecutionRecord, path: string): boolean {
  const [top, ...rest] = path.split('.');
  let value: JsonValue | undefined = (record as unknown as JsonObject)[top!];
  for (const name of rest)
    value =
      isJsonObject(value ?? null) && Object.hasOwn(value as JsonObject, name)
        ? (value as JsonObject)[name]
        : undefined;
  return value !== undefined;
}

export interface Republished {
  readonly content: RecordContent;
  /** The JCS of each `{"salt","value"}` whose digest stands in it. */
  readonly openings: readonly Bytes[];
  /** Of the original's hash. */
  readonly original: Opening;
}

export interface Opening {
  /** base64 of 32 random bytes. */
  readonly salt: string;
  readonly value: JsonValue;
}

export function openingBytes({ salt, value }: Opening): Bytes {
  return canonicalBytes({ salt, value });
}

export function openingDigest(opening: Opening): Digest {
  return digestOf(openingBytes(opening));
}

/**
 * @param fields of the record's core that are withheld
 * @param drawSalt 32 fresh random bytes each time
 */
export function republish(
  record: ExecutionRecord,
  fields: readonly string[],
  drawSalt: () => Bytes,
): Republished {
  const openings: Bytes[] = [];
  const withhold = (value: JsonValue): JsonObject => {
    const opening = { salt: toBase64(drawSalt()), value };
    openings.push(openingBytes(opening));
    return { withheld: openingDigest(opening) };
  };
  const closed: { [name: string]: JsonValue } = {};
  let copy = withAnew(contentOf(record) as unknown as JsonObject, withhold) as JsonObject;
  for (const path of fields.flatMap((field) => pathsOf(record, field)))
    copy = withholdAt(copy, path.split('.'), (value) => {
      const isOpen = OPEN_FIELD.test(path) && path !== CLOSED_MEMBER;
      if (isOpen) return isWithheld(value) ? value : withhold(value);
      closed[path] = withhold(value);
      return undefined;
    });
  const original: Opening = { salt: toBase64(drawSalt()), value: record.record.hash };
  openings.push(openingBytes(original));
  const execution = copy.execution as JsonObject;
  const republished = { original: { withheld: openingDigest(original) }, ...closed };
  const environment = { ...(execution.environment as JsonObject), republished };
  const labels = copy.labels as JsonObject | undefined;
  const { labels: _, ...rest } = copy;
  return {
    content: {
      ...rest,
      execution: { ...execution, environment },
      ...(labels === undefined || Object.keys(labels).length === 0 ? {} : { labels }),
    } as unknown as RecordContent,
    openings,
    original,
  };
}

function pathsOf(record: ExecutionRecord, field: string): readonly string[] {
  const { execution } = record;
  const paths = CORE_FIELDS[field] ?? [field];
  const isKept = (name: string, value: JsonValue): boolean =>
    Object.hasOwn(JOB_KEPT, name) && JOB_KEPT[name]!(value, record);
  const job = Object.entries(execution.job)
    .filter(([name, value]) => name !== 'tags' && !isKept(name, value))
    .map(([name]) => name);
  return paths.flatMap((path) =>
    path === 'execution.job.*' ? job.map((name) => `execution.job.${name}`) : [path],
  );
}

function contentOf({ workload, execution, source, labels }: ExecutionRecord): RecordContent {
  return {
    workload,
    execution,
    ...(source === undefined ? {} : { source }),
    ...(labels === undefined ? {} : { labels }),
  };
}

function isWithheld(value: JsonValue): boolean {
  return isJsonObject(value) && Object.keys(value).join() === 'withheld';
}

/** What is withheld already stands elsewhere under the digest that it has: here that gets another. */
function withAnew(value: JsonValue, withhold: (value: JsonValue) => JsonObject): JsonValue {
  if (typeof value !== 'object' || value === null) return value;
  if (isWithheld(value)) return withhold(value);
  if (Array.isArray(value)) return value.map((item) => withAnew(item, withhold));
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, withAnew(member as JsonValue, withhold)]),
  );
}

/** A copy in which what stands at the path is changed, or left out where `change` gives nothing. */
function withholdAt(
  object: JsonObject,
  [name = '', ...rest]: readonly string[],
  change: (value: JsonValue) => JsonValue | undefined,
): JsonObject {
  const value = Object.hasOwn(object, name) ? object[name] : undefined;
  if (value === undefined || (rest.length > 0 && !isJsonObject(value))) return object;
  const changed = rest.length === 0 ? change(value) : withholdAt(value as JsonObject, rest, change);
  const { [name]: _, ...others } = object;
  return changed === undefined ? others : { ...others, [name]: changed };
}
