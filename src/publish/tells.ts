/** What an archive would tell whoever gets it, beside the runs themselves: said before it is written, when it can still be left out. */

import { isSigstoreBundle, readSigstoreBundle } from '../attest/sigstore-bundle.ts';
import { fromBase64, fromUtf8 } from '../core/bytes.ts';
import { count } from '../core/count.ts';
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
import { isCoreField, OPEN_SECTIONS } from './republish.ts';

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
  /** What the store calls the record. */
  readonly listedAs: string;
  /** Read when it is asked for: a thousand of them at once would fill the memory. */
  readonly bundle: () => EvidenceBundle;
}

type Kind = Omit<Told, 'values'>;

/** In the order in which they are listed. */
const KINDS = {
  label: { field: 'label', signed: true, what: 'labels' },
  note: { field: 'note', signed: true, what: 'notes' },
  tags: { field: 'tags', signed: true, what: 'job tags' },
  job: { field: 'job', signed: true, what: 'job ids' },
  commit: { field: 'commit', signed: true, what: 'commits' },
  people: { field: 'receipts', signed: false, what: 'people in receipts' },
  times: { signed: true, what: 'times of the runs' },
  place: { signed: true, what: 'where it ran' },
  environment: { field: 'execution.environment.NAME', signed: true, what: 'members of the environment' },
  texts: { field: 'execution.SECTION.NAME', signed: true, what: 'texts in open sections' },
  inputs: { signed: true, what: 'names of circuit inputs and parameters' },
  logs: { field: 'log', signed: false, what: 'logs' },
  stamps: { field: 'timestamps', signed: false, what: 'time stamps' },
  anchors: { field: 'anchors', signed: false, what: 'chain anchors' },
  artifacts: { field: 'artifacts', signed: false, what: 'artifacts' },
  personalArtifacts: {
    field: 'artifacts',
    signed: false,
    what: 'artifacts that name a person, host or path',
  },
  personalMembers: {
    field: 'execution.SECTION.NAME',
    signed: true,
    what: 'members that name a person, host or path',
  },
  personal: { signed: true, what: 'records to leave out, as they name a person, host or path' },
} as const satisfies Readonly<Record<string, Kind>>;

type Values = Partial<Record<keyof typeof KINDS, readonly string[]>>;

/** Nothing where there is nothing of a kind. @param isPersonal whether a text holds what this machine's user is known by */
export function whatItTells(
  items: readonly ToldOf[],
  isPersonal: (text: string) => boolean,
): readonly Told[] {
  const sizes = new Map<string, number>();
  const values = new Map<string, Set<string>>();
  for (const item of items)
    for (const [kind, found] of Object.entries(tellOne(item, isPersonal, sizes))) {
      const own = values.get(kind) ?? new Set();
      for (const value of found) own.add(value);
      values.set(kind, own);
    }
  values.set('times', new Set(spanOf(items)));
  values.set('artifacts', new Set(sizeOf(sizes)));
  return Object.entries(KINDS).flatMap(([kind, about]) => {
    const own = values.get(kind);
    return own === undefined || own.size === 0 ? [] : [{ ...about, values: [...own] }];
  });
}

/** @param sizes of the artifacts that were seen: each is told once */
function tellOne(
  { record, listedAs, bundle: read }: ToldOf,
  isPersonal: (text: string) => boolean,
  sizes: Map<string, number>,
): Values {
  const { workload, execution, labels, source } = record;
  const bundle = read();
  const fresh = Object.entries(bundle.artifacts).filter(([digest]) => !sizes.has(digest));
  for (const [digest, { data }] of fresh) sizes.set(digest, data.length);
  const { record: _, ...content } = record;
  const personal = [...textsIn(content as unknown as JsonObject)]
    .filter(({ text }) => !isKeyText(text) && isPersonal(text))
    .map(({ path }) => path);
  return {
    label: shownOf(labels?.label),
    note: shownOf(labels?.note),
    tags: shownOf(execution.job.tags),
    job: [...shownOf(execution.job.job_id), ...shownOf(execution.job.session_id)],
    commit: shownOf(source?.commit),
    people: peopleIn(bundle),
    place: [`${workload.sdk}, ${execution.backend}`],
    environment: Object.keys(execution.environment),
    texts: freeTextsIn(record),
    inputs: [
      ...Object.keys(workload.parameters),
      ...workload.programs.flatMap(({ values }) => Object.keys(values)),
    ],
    logs: logsIn(bundle),
    stamps: bundle.timestamps.map(() => 'RFC 3161'),
    anchors: bundle.anchors.map(anchorOf),
    personalArtifacts: fresh
      .filter(([, artifact]) => isPersonal(fromUtf8(decodeArtifact(artifact)!) ?? ''))
      .map(([digest]) => digest),
    personalMembers: personal.filter(isCoreField).map((path) => `${listedAs} at ${path}`),
    personal: personal.filter((path) => !isCoreField(path)).map((path) => `${listedAs} at ${path}`),
  };
}

/** A signature or hash in base64 may begin like a path. */
const isKeyText = (text: string): boolean => text.endsWith('=') && fromBase64(text) !== undefined;

interface TextAt {
  readonly path: string;
  readonly text: string;
  readonly isName: boolean;
}

/** Every text and every member's name, with where it stands; of whatever stands in a list, where the list does. */
function* textsIn(value: JsonValue, path = ''): Generator<TextAt> {
  if (typeof value === 'string') yield { path, text: value, isName: false };
  if (typeof value !== 'object' || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    const own = Array.isArray(value) ? path : path === '' ? name : `${path}.${name}`;
    if (!Array.isArray(value)) yield { path: own, text: name, isName: true };
    yield* textsIn(member as JsonValue, own);
  }
}

/** Times are told, and neither a version nor a digest is anyone's word. */
const SAYS_LITTLE = /^(?:v?\d[\w.+:-]*|sha256:[0-9a-f]{64})$/;
/** Told by themselves. */
const TOLD_APART = /^execution\.(?:job\.(?:tags|job_id|session_id)|environment\.republished)(?:\.|$)/;

/** What stands in the open sections is whatever a capture put there. */
function freeTextsIn({ execution }: ExecutionRecord): string[] {
  return OPEN_SECTIONS.flatMap((section) =>
    [...textsIn(execution[section], `execution.${section}`)]
      .filter(({ path, text, isName }) => !isName && !SAYS_LITTLE.test(text) && !TOLD_APART.test(path))
      .map(({ path, text }) => `${path} = ${text}`),
  );
}

function shownOf(value: JsonValue | undefined): string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((one) => shownOf(one));
  if (isJsonObject(value)) return Object.keys(value).join() === 'withheld' ? [] : [JSON.stringify(value)];
  return [String(value)];
}

function spanOf(items: readonly ToldOf[]): readonly string[] {
  const times = items
    .flatMap(({ record: { execution, record } }) => [execution.started_at, record.created_at])
    .sort();
  return [`${times[0]} to ${times.at(-1)}, to the millisecond`];
}

function sizeOf(sizes: ReadonlyMap<string, number>): readonly string[] {
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  return sizes.size === 0 ? [] : [`${count(sizes.size, 'circuit or raw result')}, ${total} characters`];
}

/** Whoever a receipt calls author or committer. */
function peopleIn(bundle: EvidenceBundle): string[] {
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

/** The names of the logs that a bundle's statements are in. */
export function logsIn(bundle: EvidenceBundle): string[] {
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
