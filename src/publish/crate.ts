/**
 * `ro-crate-metadata.json`: the archive as an RO-Crate 1.1 of the Process Run Crate profile 0.5 (Workflow Run RO-Crate): each
 * record is a CreateAction, whose instrument is what ran it, whose object is the circuits, whose result is the record's bundle.
 * It says in others' words what the bundles say; the signature over it is the manifest's.
 */

import { count } from '../core/count.ts';
import type { Digest } from '../core/digest.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts';
import { formatTime, parseTime } from '../core/time.ts';
import type { ExecutionRecord } from '../record/schema.ts';
import { doiUrl } from './doi-url.ts';
import type { Manifest, Publication } from './manifest.ts';

export const CRATE_PATH = 'ro-crate-metadata.json';
const PROFILE = 'https://w3id.org/ro/wfrun/process/0.5';
const CONTEXT = 'https://w3id.org/ro/crate/1.1/context';
const QPOE = 'https://www.npmjs.com/package/quantum-proof-of-execution';

/** A circuit that stands in the archive as a file of its own. */
export interface CircuitFile {
  readonly path: string;
  readonly format: string;
  readonly digest: Digest;
  readonly size: number;
}

/** A record, and where it stands in the archive. */
interface Crated {
  readonly record: ExecutionRecord;
  readonly bundle: string;
  readonly size: number;
}

export interface CrateParts {
  readonly publication: Publication;
  readonly figures: Manifest['figures'];
  readonly records: readonly Crated[];
  readonly circuits: ReadonlyMap<Digest, CircuitFile>;
  /** The other files: README, citation, licence. */
  readonly documents: readonly { readonly path: string; readonly format: string; readonly about: string }[];
}

type Entity = JsonObject & { readonly '@id': string };

const refer = (id: string): JsonObject => ({ '@id': id });

/** RO-Crate wants a list of one without its brackets. */
function referAll(ids: readonly string[]): JsonValue {
  const all = ids.map(refer);
  return all.length === 1 ? all[0]! : all;
}

/** To the second: the profile's pattern knows no fractions. */
const toSecond = (time: string): string => formatTime(parseTime(time)!);

const actionId = ({ record }: ExecutionRecord): string => `#run-${record.record_id}`;

export function crateText(parts: CrateParts): string {
  const agents = agentsOf(parts.publication);
  const instruments = new Map(
    parts.records.map(({ record }) => [instrumentId(record), instrumentOf(record)]),
  );
  const actions = parts.records.map((crated) => actionOf(crated, parts.circuits, agents));
  const loose = new Map(parts.records.flatMap(({ record }) => looseCircuits(record, parts.circuits)));
  const graph: Entity[] = [
    {
      '@id': CRATE_PATH,
      '@type': 'CreativeWork',
      about: refer('./'),
      conformsTo: refer(CONTEXT.replace('/context', '')),
    },
    rootOf(parts, agents, actions),
    {
      '@id': PROFILE,
      '@type': 'CreativeWork',
      name: 'Process Run Crate',
      version: '0.5',
    },
    licenseOf(parts.publication),
    ...agents,
    ...instruments.values(),
    ...actions,
    ...parts.figures.map((figure) => figureOf(figure, parts.records)),
    ...parts.records.map(bundleOf),
    ...[...parts.circuits.values()].map(circuitOf),
    ...loose.values(),
    ...parts.documents.map(({ path, format, about }) => ({
      '@id': path,
      '@type': 'File',
      name: about,
      encodingFormat: format,
    })),
  ];
  return `${JSON.stringify({ '@context': CONTEXT, '@graph': graph }, null, 1)}\n`;
}

function rootOf(
  { publication, figures, records, circuits, documents }: CrateParts,
  agents: readonly Entity[],
  actions: readonly Entity[],
): Entity {
  const { title, description, license, date, doi } = publication;
  const files = [
    ...records.map(({ bundle }) => bundle),
    ...[...circuits.values(), ...documents].map(({ path }) => path),
  ];
  return {
    '@id': './',
    '@type': 'Dataset',
    name: title,
    description: description ?? `Signed records of ${count(records.length, 'quantum execution')}.`,
    datePublished: date,
    license: refer(licenseId(license)),
    author: referAll(agents.map(({ '@id': id }) => id)),
    conformsTo: refer(PROFILE),
    ...(doi === undefined ? {} : { identifier: doiUrl(doi) }),
    hasPart: files.map(refer),
    mentions: [
      ...actions.map(({ '@id': id }) => refer(id)),
      ...figures.map(({ name }) => refer(`#figure-${name}`)),
    ],
  };
}

const licenseId = (license: string): string => `https://spdx.org/licenses/${license}`;

function licenseOf({ license }: Publication): Entity {
  return {
    '@id': licenseId(license),
    '@type': 'CreativeWork',
    name: license,
    description: `SPDX-License-Identifier: ${license}`,
  };
}

function agentsOf({ authors }: Publication): readonly Entity[] {
  if (authors.length === 0) return [{ '@id': '#anonymous', '@type': 'Person', name: 'Anonymous' }];
  return authors.map(({ name, orcid }, at) => ({
    '@id': orcid === undefined ? `#author-${at + 1}` : `https://orcid.org/${orcid}`,
    '@type': 'Person',
    name,
  }));
}

/** Where what ran it is published, of those that qpoe runs or captures itself. */
const ADDRESSES: Readonly<Record<string, string>> = {
  simulator: QPOE,
  qiskit: 'https://pypi.org/project/qiskit',
  cirq: 'https://pypi.org/project/cirq-core',
  braket: 'https://pypi.org/project/amazon-braket-sdk',
  'ibm-quantum': 'https://quantum.cloud.ibm.com',
};

/** Of one version. */
function instrumentId({ workload, execution }: ExecutionRecord): string {
  const version = versionOf(execution.environment, workload.sdk) ?? 'unknown';
  const address = Object.hasOwn(ADDRESSES, workload.sdk) ? ADDRESSES[workload.sdk] : undefined;
  return `${address ?? `#software-${slug(workload.sdk)}`}${address === undefined ? '-' : '#'}${slug(version)}`;
}

const slug = (text: string): string => text.replace(/[^A-Za-z0-9._-]+/g, '-').slice(0, 80);

function versionOf(environment: JsonObject, sdk: string): string | undefined {
  const { packages, qpoe } = environment;
  const own = isJsonObject(packages) ? packages[sdk] : undefined;
  const version = own ?? qpoe;
  return typeof version === 'string' ? version : undefined;
}

function instrumentOf(record: ExecutionRecord): Entity {
  const { workload, execution } = record;
  return {
    '@id': instrumentId(record),
    '@type': 'SoftwareApplication',
    name: workload.sdk,
    version: versionOf(execution.environment, workload.sdk) ?? 'not recorded',
    url: Object.hasOwn(ADDRESSES, workload.sdk) ? ADDRESSES[workload.sdk]! : QPOE,
  };
}

function actionOf(
  { record, bundle }: Crated,
  circuits: CrateParts['circuits'],
  agents: readonly Entity[],
): Entity {
  const { workload, execution } = record;
  const failed = execution.result_summary.every(({ kind }) => kind === 'none');
  return {
    '@id': actionId(record),
    '@type': 'CreateAction',
    name: `${workload.name} on ${workload.sdk}, ${execution.backend}: ${workload.shots} shots`,
    description: `Record ${record.record.hash}, class ${execution.class}`,
    instrument: refer(instrumentId(record)),
    object: referAll(objectsOf(record, circuits)),
    result: refer(bundle),
    agent: referAll(agents.map(({ '@id': id }) => id)),
    startTime: toSecond(execution.started_at),
    endTime: toSecond(execution.finished_at),
    actionStatus: `http://schema.org/${failed ? 'FailedActionStatus' : 'CompletedActionStatus'}`,
  };
}

/** A circuit that is no file here stands in the crate by its digest. */
function objectsOf(record: ExecutionRecord, circuits: CrateParts['circuits']): readonly string[] {
  const named = sourcesOf(record).map((digest) => circuits.get(digest)?.path ?? looseId(digest));
  return [...new Set(named)];
}

const looseId = (digest: Digest): string => `#${digest.replace(':', '-')}`;

function sourcesOf({ workload }: ExecutionRecord): readonly Digest[] {
  return workload.programs.flatMap(({ input, source, circuit }) =>
    [source?.digest ?? circuit, input?.digest].filter((digest) => digest !== undefined),
  ) as Digest[];
}

function looseCircuits(record: ExecutionRecord, circuits: CrateParts['circuits']): [Digest, Entity][] {
  return sourcesOf(record)
    .filter((digest) => !circuits.has(digest))
    .map((digest) => [
      digest,
      { '@id': looseId(digest), '@type': 'CreativeWork', name: 'a circuit', identifier: digest },
    ]);
}

function figureOf({ name, records }: Manifest['figures'][number], crated: readonly Crated[]): Entity {
  const own = new Set(records);
  const shown = crated.filter(({ record }) => own.has(record.record.hash));
  return {
    '@id': `#figure-${name}`,
    '@type': 'CreativeWork',
    name,
    isBasedOn: referAll(shown.map(({ bundle }) => bundle)),
  };
}

function bundleOf({ record, bundle, size }: Crated): Entity {
  return {
    '@id': bundle,
    '@type': 'File',
    name: `Evidence bundle of record ${record.record.record_id}`,
    encodingFormat: 'application/vnd.qpoe.bundle.v1+json',
    contentSize: String(size),
    identifier: record.record.hash,
  };
}

function circuitOf({ path, format, size, digest }: CircuitFile): Entity {
  return {
    '@id': path,
    '@type': 'File',
    name: `Circuit, ${format}`,
    encodingFormat: format.startsWith('openqasm') ? 'text/plain' : 'application/json',
    contentSize: String(size),
    identifier: digest,
  };
}
