/** What an archive would tell whoever gets it, beside the runs themselves: said before it is written, when it can still be left out. */

import { isSigstoreBundle, readSigstoreBundle } from '../attest/sigstore-bundle.ts';
import { fromUtf8 } from '../core/bytes.ts';
import {
  isJsonObject,
  JsonError,
  type JsonObject,
  type JsonValue,
  parseJsonBytes,
  WRAPPED,
} from '../core/json.ts';
import type { ExecutionRecord } from '../record/schema.ts';
import { decodeArtifact, type EvidenceBundle } from '../verify/bundle.ts';
import { count } from './paper-text.ts';

export interface Told {
  /** What `--withhold` calls it; undefined where it can't be left out. */
  readonly field?: string;
  /** Whether it stands inside what is signed, so that only a new record can leave it out. */
  readonly signed: boolean;
  readonly what: string;
  readonly values: readonly string[];
}

export interface ToldOf {
  readonly record: ExecutionRecord;
  readonly bundle: EvidenceBundle;
}

/** Nothing where there is nothing of a kind. @param isPersonal whether a text holds what this machine's user is known by */
export function whatItTells(
  items: readonly ToldOf[],
  isPersonal: (text: string) => boolean,
): readonly Told[] {
  const records = items.map(({ record }) => record);
  const job = (name: string) => records.map(({ execution }) => execution.job[name]).flatMap(shownOf);
  const told: Told[] = [
    {
      field: 'label',
      signed: true,
      what: 'labels',
      values: records.flatMap(({ labels }) => labels?.label ?? []),
    },
    {
      field: 'note',
      signed: true,
      what: 'notes',
      values: records.flatMap(({ labels }) => labels?.note ?? []),
    },
    { field: 'tags', signed: true, what: 'job tags', values: job('tags') },
    { field: 'job', signed: true, what: 'job ids', values: [...job('job_id'), ...job('session_id')] },
    {
      field: 'commit',
      signed: true,
      what: 'commits',
      values: records.flatMap(({ source }) => source?.commit ?? []),
    },
    { field: 'receipts', signed: false, what: 'people in receipts', values: items.flatMap(peopleIn) },
    { signed: true, what: 'times of the runs', values: spanOf(records) },
    {
      signed: true,
      what: 'where it ran',
      values: records.map(({ workload, execution }) => `${workload.sdk}, ${execution.backend}`),
    },
    {
      field: 'execution.environment.NAME',
      signed: true,
      what: 'members of the environment',
      values: records.flatMap(({ execution }) => Object.keys(execution.environment)),
    },
    { field: 'log', signed: false, what: 'logs', values: items.flatMap(logsIn) },
    {
      field: 'timestamps',
      signed: false,
      what: 'time stamps',
      values: items.flatMap(({ bundle }) => bundle.timestamps.map(() => 'RFC 3161')),
    },
    {
      field: 'anchors',
      signed: false,
      what: 'chain anchors',
      values: items.flatMap(({ bundle }) => bundle.anchors.map(anchorOf)),
    },
    { field: 'artifacts', signed: false, what: 'artifacts', values: artifactsIn(items) },
    {
      field: 'artifacts',
      signed: false,
      what: 'artifacts that name a person, host or path',
      values: personalArtifacts(items, isPersonal),
    },
    {
      signed: true,
      what: 'records that name a person, host or path',
      values: records
        .filter((record) => isPersonal(JSON.stringify(record)))
        .map(({ record }) => record.record_id),
    },
  ];
  return told
    .filter(({ values }) => values.length > 0)
    .map((one) => ({ ...one, values: [...new Set(one.values)] }));
}

function shownOf(value: JsonValue | undefined): string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((one) => shownOf(one));
  if (isJsonObject(value)) return Object.keys(value).join() === 'withheld' ? [] : [JSON.stringify(value)];
  return [String(value)];
}

function spanOf(records: readonly ExecutionRecord[]): readonly string[] {
  const times = records.flatMap(({ execution, record }) => [execution.started_at, record.created_at]).sort();
  return [`${times[0]} to ${times.at(-1)}, to the millisecond`];
}

/** Whoever a receipt calls author or committer. */
function peopleIn({ bundle }: ToldOf): string[] {
  const payloads = bundle.statements.flatMap((statement) => {
    const read = isSigstoreBundle(statement) ? readSigstoreBundle(statement).value : undefined;
    return read?.envelope === undefined ? [] : [read.envelope.payload];
  });
  const files = bundle.receipts.map((receipt) => decodeArtifact(receipt)!);
  return [...payloads, ...files].flatMap((bytes) => [...peopleOf(parse(bytes))]);
}

function parse(bytes: Uint8Array): JsonValue {
  try {
    return parseJsonBytes(bytes, WRAPPED);
  } catch (error) {
    if (error instanceof JsonError) return null;
    throw error;
  }
}

function* peopleOf(value: JsonValue): Generator<string> {
  if (typeof value !== 'object' || value === null) return;
  const { name, email } = value as { readonly name?: JsonValue; readonly email?: JsonValue };
  if (typeof email === 'string') yield typeof name === 'string' ? `${name} <${email}>` : email;
  for (const member of Object.values(value)) yield* peopleOf(member as JsonValue);
}

function logsIn({ bundle }: ToldOf): string[] {
  return bundle.statements.flatMap((statement) => {
    const { value } = isSigstoreBundle(statement) ? readSigstoreBundle(statement) : {};
    if (value?.kind !== 'keyed') return [];
    return value.tlogEntries.map(
      ({ inclusionProof }) => inclusionProof.checkpoint.envelope.split('\n', 1)[0]!,
    );
  });
}

function anchorOf(anchor: JsonObject): string {
  const { origin, account } = (anchor.log ?? {}) as {
    readonly origin?: JsonValue;
    readonly account?: JsonValue;
  };
  return [anchor.event, origin, account].filter((text) => typeof text === 'string').join(' ');
}

function artifactsIn(items: readonly ToldOf[]): string[] {
  const sizes = new Map(
    items.flatMap(({ bundle }) =>
      Object.entries(bundle.artifacts).map(([digest, { data }]) => [digest, data.length]),
    ),
  );
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  return sizes.size === 0 ? [] : [`${count(sizes.size, 'circuit or raw result')}, ${total} characters`];
}

function personalArtifacts(items: readonly ToldOf[], isPersonal: (text: string) => boolean): string[] {
  const artifacts = new Map(items.flatMap(({ bundle }) => Object.entries(bundle.artifacts)));
  return [...artifacts]
    .filter(([, artifact]) => isPersonal(fromUtf8(decodeArtifact(artifact)!) ?? ''))
    .map(([digest]) => digest);
}
