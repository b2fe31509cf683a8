/**
 * The binding of a provider's job to the receipt of its source (docs/runtime.md). The signed record is the evidence:
 * its binding is compared with the job that the record says it is of, with the receipt's statement that is here, and with the
 * log's entry of that very statement. Tags at the provider can be changed or copied by anyone with access: they are told, and
 * nothing is decided by them.
 */

import { digestOf } from '../core/digest.ts';
import type { JsonObject } from '../core/json.ts';
import { type Binding, readBinding, type TransparencyEntry } from '../record/binding.ts';
import { bindingTagsAmong, type TaggedBinding } from '../record/binding-tags.ts';
import type { ExecutionRecord } from '../record/schema.ts';
import { type Check, type Found, found, makeCheck } from './check.ts';
import type { JudgedStatement } from './judge-statement.ts';

type Stated = Pick<JudgedStatement, 'about' | 'payload' | 'entries'>;

/** What a record is bound to; undefined where it is bound to nothing. */
export function bindingOf({ execution }: ExecutionRecord): Binding | undefined {
  return readBinding(execution.job.binding).value;
}

/** @param statements that came with the record, each judged */
export function bindingChecks(record: ExecutionRecord, statements: readonly Stated[]): Check[] {
  const binding = bindingOf(record);
  const tags = judgeTags(record.execution.job, binding);
  return [
    ...(binding === undefined
      ? []
      : [makeCheck('binding.match', 'the record’s signer', judgeBinding(binding, record, statements))]),
    ...(tags === undefined ? [] : [makeCheck('binding.tags', 'nobody: anyone with access sets them', tags)]),
  ];
}

function judgeBinding(binding: Binding, record: ExecutionRecord, statements: readonly Stated[]): Found {
  const { provenance } = binding;
  const fault = findHandleFault(binding, record.execution.job) ?? findSourceFault(binding, record);
  if (fault !== undefined) return fault;
  const bound = statements.filter(
    ({ about, payload }) =>
      about === 'receipt' && payload !== undefined && digestOf(payload) === provenance.aiir_statement,
  );
  if (bound.length === 0)
    return found(
      'unknown',
      `the receipt’s statement ${provenance.aiir_statement} is not here`,
      'binding.statement',
      'ask for a bundle that holds it',
    );
  return judgeEntry(binding, bound);
}

/** The note's own word for the provider whose records say `ibm-quantum`. */
const ALIASES: Readonly<Record<string, string>> = { 'qiskit-runtime': 'ibm-quantum' };

/** A binding says which job it is of: another job's must not do for this one. */
function findHandleFault({ runtime }: Binding, job: JsonObject): Found | undefined {
  const provider = ALIASES[runtime.provider] ?? runtime.provider;
  if (typeof job.provider === 'string' && ![provider, runtime.provider].includes(job.provider))
    return found('fail', `it is of ${runtime.provider}, the record of ${job.provider}`, 'binding.provider');
  for (const handle of ['job_id', 'session_id'] as const) {
    const bound = runtime[handle];
    if (bound !== undefined && bound !== job[handle])
      return found(
        'fail',
        `it is of ${handle} ${bound}, the record of ${nameOf(job[handle])}`,
        'binding.job',
      );
  }
  return undefined;
}

const nameOf = (handle: unknown): string => (typeof handle === 'string' ? handle : 'none');

function findSourceFault({ provenance }: Binding, { source }: ExecutionRecord): Found | undefined {
  const named = source?.receipt?.statement;
  return named === undefined || named === provenance.aiir_statement
    ? undefined
    : found('fail', `the record’s source names the receipt’s statement ${named}`, 'binding.receipt');
}

/** @param bound the statements of exactly the payload that the binding names */
function judgeEntry({ runtime, provenance }: Binding, bound: readonly Stated[]): Found {
  const wanted = provenance.transparency_entry;
  const entries = bound.flatMap((statement) => statement.entries);
  const ofLog = entries.filter(({ entry }) => isOfLog(wanted, entry));
  if (ofLog.length === 0)
    return found('unknown', `no entry of the log ${wanted.log} is here`, 'binding.entry-missing');
  const same = ofLog.filter(({ entry }) => isSameEntry(wanted, entry));
  if (same.length === 0)
    return found(
      'fail',
      `it names ${describeEntry(wanted)}, here is ${ofLog.map(({ entry }) => describeEntry(entry)).join(', ')}`,
      'binding.entry',
    );
  if (!same.some(({ proven }) => proven))
    return found('skipped', 'needs log.entry, log.inclusion and log.checkpoint of the receipt');
  const handle = runtime.job_id === undefined ? `session ${runtime.session_id}` : `job ${runtime.job_id}`;
  return found(
    'pass',
    `${runtime.provider} ${handle} ↔ ${provenance.aiir_statement} ↔ ${describeEntry(same[0]!.entry)}`,
  );
}

/** The note's `rekor` is whichever Rekor gives uuids. */
function isOfLog(wanted: TransparencyEntry, { log, uuid }: TransparencyEntry): boolean {
  return wanted.log === 'rekor' && wanted.uuid !== undefined ? uuid !== undefined : wanted.log === log;
}

/** A uuid without its tree id is the leaf's hash alone. */
function isSameEntry(wanted: TransparencyEntry, entry: TransparencyEntry): boolean {
  const { uuid } = wanted;
  if (uuid !== undefined && entry.uuid?.slice(-uuid.length) !== uuid) return false;
  return wanted.log_index === entry.log_index;
}

function describeEntry({ log, uuid, log_index: index }: TransparencyEntry): string {
  return `entry ${index} of ${log}${uuid === undefined ? '' : `, ${uuid}`}`;
}

/** What the importer saw of them. Undefined where there was nothing to see. */
function judgeTags(job: JsonObject, binding: Binding | undefined): Found | undefined {
  const seen = Array.isArray(job.tags) ? job.tags.filter((tag) => typeof tag === 'string') : [];
  const { found: told, fault } = bindingTagsAmong(seen);
  if (fault !== undefined) return found('unknown', `the job’s tags: ${fault}`, 'binding.tags-malformed');
  if (told === undefined)
    return binding === undefined ? undefined : found('absent', 'the importer saw none of a binding');
  if (binding === undefined)
    return found(
      'unknown',
      `the job’s tags name ${told.aiir_statement}, the record holds no binding`,
      'binding.tags-alone',
    );
  const differs = findContradiction(binding, told);
  return differs === undefined
    ? found('pass', 'as the importer saw them')
    : found('unknown', differs, 'binding.tags-differ', 'ask the signer which job the tags were set for');
}

function findContradiction({ provenance }: Binding, told: TaggedBinding): string | undefined {
  if (told.aiir_statement !== provenance.aiir_statement)
    return `the job’s tags name the statement ${told.aiir_statement}, the record’s binding ${provenance.aiir_statement}`;
  const bound = provenance.transparency_entry;
  const tagged = told.transparency_entry;
  const same =
    tagged.uuid === undefined
      ? tagged.log === bound.log && tagged.log_index === bound.log_index
      : tagged.uuid === bound.uuid;
  return same ? undefined : `the job’s tags name another log entry than the record’s ${describeEntry(bound)}`;
}
