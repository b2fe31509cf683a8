/**
 * What a journal, a funder or a principle asks of an archive, as data (TOML or JSON), and never as code:
 *
 *     version = 1
 *     title = "FAIR principles"
 *     [[control]]
 *     id = "F1"
 *     title = "Data have a globally unique and persistent identifier"
 *     needs = ["doi"]
 *
 * A control is met where each of its needs is. The needs are a closed list, because someone has to say what shows each of them.
 */

import * as z from 'zod/mini';
import { count } from '../core/count.ts';
import { QpoeError } from '../core/error.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts';
import { checkShape, listOf } from '../core/shape.ts';
import type { ExecutionRecord } from '../record/schema.ts';
import type { Check, Verdict } from '../verify/check.ts';
import type { ListedRecord } from './archive-records.ts';
import type { Manifest } from './manifest.ts';
import type { Member } from './verify-archive.ts';

/** An archive, and what verification said of it. */
export interface Audited {
  readonly manifest: Manifest;
  readonly verdict: Verdict;
  readonly members: readonly Member[];
  readonly records: readonly ListedRecord[];
}

export interface Answer {
  /** Undefined where it can't be said. */
  readonly met: boolean | undefined;
  /** What shows it, or what is lacking. */
  readonly evidence: string;
  /** What to add; where it is met, nothing. */
  readonly add?: string;
}

type Judge = (audited: Audited) => Answer;

const answer = (met: boolean | undefined, evidence: string, add: string): Answer =>
  met === true ? { met, evidence } : { met, evidence, add };

const stated = (name: string, text: string | undefined, add: string): Answer =>
  answer(text !== undefined, text ?? `the manifest has no ${name}`, add);

/** Of every bundle's checks of this id one passes. */
function everyBundle(id: Check['id'], what: string, add: string): Judge {
  return ({ members }) => {
    const lacking = members.filter(
      ({ verdict }) => verdict?.checks.some((check) => check.id === id && check.status === 'pass') !== true,
    );
    const evidence =
      lacking.length === 0
        ? `${what} in each of ${count(members.length, 'bundle')}`
        : `${what}: not in ${lacking.length} of ${count(members.length, 'bundle')}, first ${lacking[0]!.path}`;
    return answer(members.length > 0 && lacking.length === 0, evidence, add);
  };
}

function everyRecord(has: (record: ExecutionRecord) => boolean, what: string, add: string): Judge {
  return ({ records }) => {
    const lacking = records.map(({ record }) => record).filter((record) => !has(record));
    const evidence =
      lacking.length === 0
        ? `${what} in each of ${count(records.length, 'record')}`
        : `${what}: not in ${lacking.length} of ${count(records.length, 'record')}, first ${lacking[0]!.record.record_id}`;
    return answer(records.length > 0 && lacking.length === 0, evidence, add);
  };
}

/** Whether a section says anything: what is withheld says nothing, nor that a record was signed anew. */
function says(section: JsonObject): boolean {
  const { republished: _, ...members } = section;
  return Object.values(members).some((member) => isSaid(member as JsonValue));
}

function isSaid(value: JsonValue): boolean {
  if (typeof value !== 'object' || value === null) return value !== null;
  if (isJsonObject(value) && Object.keys(value).join() === 'withheld') return false;
  return Object.values(value).some((member) => isSaid(member as JsonValue));
}

/** Every artifact that a record names is here, or named as handed over: what the manifest says of it is its signer's word. */
function wholeRecords({ manifest, records }: Audited): Answer {
  const lacking = records.filter((one) => one.lacking > 0);
  const unread = manifest.records.length - records.length;
  const what = 'artifacts that are neither here nor handed over';
  return answer(
    lacking.length === 0 && unread === 0,
    lacking.length > 0
      ? `${what}: of ${lacking.length} of ${count(records.length, 'record')}, first ${lacking[0]!.record.record.record_id}`
      : unread > 0
        ? `${count(unread, 'record')} can’t be read`
        : `every artifact of ${count(records.length, 'record')}`,
    'publish without withholding them; large ones with --external DIR',
  );
}

const hasFile =
  (path: string): Judge =>
  ({ manifest: { files } }) =>
    answer(
      files.some((file) => file.path === path),
      files.some((file) => file.path === path) ? path : `${path} is not in the archive`,
      'publish it again: `qpoe publish` writes it',
    );

/** Anyone can make up a tree and put an entry into it: who signed that tree must be known, and every entry be in its own. */
const isProven = (checks: readonly Check[], of: Check['part']): boolean =>
  checks
    .filter(({ id, part }) => part === of && (id === 'log.entry' || id === 'log.inclusion'))
    .every(({ status }) => status === 'pass');

/** Each need, and what shows it. */
const NEEDS = {
  intact: ({ verdict }) =>
    answer(
      verdict.verdict === 'fail'
        ? false
        : verdict.checks.some(({ id, status }) => id === 'archive.figure' && status === 'unknown')
          ? undefined
          : true,
      verdict.headline,
      'get the archive anew, or a policy that knows its signers',
    ),
  signed: ({ verdict }) => {
    const signer = verdict.checks.find(({ id, status }) => id === 'statement.signer' && status === 'pass');
    const signature = verdict.checks.find(
      ({ id, status }) => id === 'statement.signature' && status === 'fail',
    );
    return answer(
      signature !== undefined ? false : signer === undefined ? undefined : true,
      signer?.evidence ?? 'no signature by someone whom you trust',
      'name the signer: --signer FINGERPRINT from the paper, or a policy',
    );
  },
  post_quantum: ({ verdict }) => {
    const check = verdict.checks.find(
      ({ id, part }) => id === 'statement.signature' && part?.includes('ml-dsa-65') === true,
    );
    return answer(
      check?.status === 'pass' ? true : check?.status === 'unknown' ? undefined : false,
      check?.evidence ?? 'no ML-DSA-65 signature over the manifest',
      'name its key: --signer FINGERPRINT, or a policy with ml_dsa_65',
    );
  },
  logged: ({ verdict: { checks } }) => {
    const logged = checks.find(
      ({ id, status, part }) => id === 'log.checkpoint' && status === 'pass' && isProven(checks, part),
    );
    const inTree = checks.find(({ id, status }) => id === 'log.inclusion' && status === 'pass');
    const unknown = checks.find(({ id, status }) => id === 'log.checkpoint' && status === 'unknown');
    return answer(
      logged !== undefined ? true : unknown !== undefined ? undefined : false,
      logged === undefined
        ? (unknown?.evidence ?? 'the manifest is in no log that you know')
        : `${inTree!.evidence}; ${logged.evidence}`,
      unknown === undefined
        ? '`qpoe publish` enters it in the store’s log'
        : 'name the log’s key under [[log]] in a policy',
    );
  },
  dated: everyBundle(
    'time.existed_by',
    'a date by others than the signer',
    '`qpoe log cosign`, `qpoe bundle --timestamp URL` or an anchor, before publishing; and a policy that knows them',
  ),
  receipts: everyBundle(
    'receipt.signature',
    'a signed receipt of the source',
    '`qpoe attest receipt`, and `qpoe run --receipt`',
  ),
  artifacts: (audited) => {
    const whole = wholeRecords(audited);
    return whole.met === true
      ? everyBundle('artifact.digest', 'artifacts', 'publish without withholding them')(audited)
      : whole;
  },
  doi: ({ manifest }) =>
    stated('DOI', manifest.publication.doi, 'reserve one at the repository, and publish with --doi'),
  title: ({ manifest }) => stated('title', manifest.publication.title, 'publish with --title'),
  description: ({ manifest }) =>
    stated('description', manifest.publication.description, 'publish with --description'),
  license: ({ manifest }) => stated('licence', manifest.publication.license, 'publish with --license'),
  authors: ({ manifest: { publication } }) =>
    answer(
      publication.authors.length > 0,
      publication.authors.map(({ name }) => name).join('; ') || 'no authors',
      'publish with --author',
    ),
  orcid: ({ manifest: { publication } }) =>
    answer(
      publication.authors.length > 0 && publication.authors.every(({ orcid }) => orcid !== undefined),
      `${publication.authors.filter(({ orcid }) => orcid !== undefined).length} of ${count(publication.authors.length, 'author')} with an ORCID`,
      'publish with --author "NAME; ORCID"',
    ),
  figures: ({ manifest: { figures } }) =>
    answer(
      figures.length > 0,
      figures.map(({ name, records }) => `${name}: ${records.length}`).join(', ') || 'no figure is named',
      'publish with FIGURE=SELECTION',
    ),
  every_record_shown: ({ manifest: { figures, records } }) => {
    const shown = new Set(figures.flatMap(({ records: own }) => own));
    const rest = records.filter(({ hash }) => !shown.has(hash)).length;
    return answer(
      rest === 0,
      rest === 0 ? 'each record belongs to a figure' : `${count(rest, 'record')} of no figure`,
      'name their figures, or leave them out',
    );
  },
  complete: (audited) => {
    const { withheld, external } = audited.manifest;
    if (withheld.length > 0)
      return answer(false, `withheld: ${withheld.join(', ')}`, 'publish without --withhold');
    const whole = wholeRecords(audited);
    const evidence = `nothing is withheld; ${count(external.length, 'external artifact')}`;
    return whole.met === true ? answer(true, evidence, '') : whole;
  },
  crate: hasFile('ro-crate-metadata.json'),
  citation: hasFile('CITATION.cff'),
  readme: hasFile('README.md'),
  circuits: everyRecord(
    ({ workload }) => workload.programs.every(({ circuit }) => circuit !== undefined),
    'the circuit as a gate list',
    'record circuits that qpoe can read: docs/openqasm.md',
  ),
  results: everyRecord(
    ({ execution }) => execution.result_summary.every(({ kind }) => kind !== 'none'),
    'results',
    'leave out the jobs that gave none',
  ),
  software_versions: everyRecord(
    ({ execution }) => says(execution.environment),
    'versions of what ran it',
    'record where it runs, so that the versions are seen',
  ),
  seeds: everyRecord(
    ({ execution }) => says(execution.seeding),
    'what was seeded',
    'run simulators with --seed',
  ),
  calibration: everyRecord(
    ({ execution }) => says(execution.calibration),
    'the device’s calibration',
    'import jobs while the provider still has it',
  ),
  source: everyRecord(
    ({ source }) => source?.commit !== undefined || source?.receipt !== undefined,
    'the source’s commit or receipt',
    'run from a commit with a receipt: `qpoe attest receipt`',
  ),
} as const satisfies Readonly<Record<string, Judge>>;

export type Need = keyof typeof NEEDS;
const NEED_NAMES = Object.keys(NEEDS) as [Need, ...Need[]];

const text = z.string().check(z.minLength(1), z.maxLength(2000));

export const checklistSchema = z.strictObject({
  version: z.literal(1),
  title: text,
  source: z.optional(text),
  control: listOf(
    z.strictObject({
      id: text,
      title: text,
      needs: listOf(z.enum(NEED_NAMES)).check(z.minLength(1), z.maxLength(100)),
    }),
  ).check(z.minLength(1), z.maxLength(1000)),
});

export type Checklist = z.infer<typeof checklistSchema>;

/** @param source what to call it: its path. @throws QpoeError `usage` */
export function readChecklist(value: unknown, source: string): Checklist {
  const { value: checklist, fault } = checkShape(checklistSchema, value);
  if (fault !== undefined)
    throw new QpoeError('usage', `${source} is no checklist: ${fault}`, `needs are ${NEED_NAMES.join(', ')}`);
  return checklist;
}

export interface AuditedControl {
  readonly id: string;
  readonly title: string;
  readonly outcome: 'met' | 'unmet' | 'unknown';
  readonly needs: readonly (Answer & { readonly need: Need })[];
}

export function auditArchive({ control }: Checklist, audited: Audited): readonly AuditedControl[] {
  return control.map(({ id, title, needs }) => {
    const answers = needs.map((need) => ({ need, ...NEEDS[need](audited) }));
    return { id, title, outcome: outcomeOf(answers), needs: answers };
  });
}

function outcomeOf(answers: readonly Answer[]): AuditedControl['outcome'] {
  if (answers.some(({ met }) => met === false)) return 'unmet';
  return answers.every(({ met }) => met === true) ? 'met' : 'unknown';
}
