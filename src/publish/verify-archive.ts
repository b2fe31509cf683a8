/** An archive to a verdict: the manifest's signatures, every file against the manifest, every bundle, and then figure by figure. */

import { isSigstoreBundle, keyHint } from '../attest/sigstore-bundle.ts';
import { type Bytes, equalBytes, utf8 } from '../core/bytes.ts';
import { count } from '../core/count.ts';
import { type Digest, digestOf } from '../core/digest.ts';
import { JsonError, type JsonValue, MAX_BYTES, parseJsonBytes, WRAPPED } from '../core/json.ts';
import { readKey } from '../verify/bundle.ts';
import { demandedOfStatements } from '../verify/bundle-demands.ts';
import { type Check, type Found, found, makeCheck, type Outcome, type Verdict } from '../verify/check.ts';
import type { JudgedStatement } from '../verify/judge-statement.ts';
import { statementCheck } from '../verify/statement-checks.ts';
import type { Trust } from '../verify/trust.ts';
import { formatCheck, judge, malformed, NOT_PROVEN, newer, unrecognised } from '../verify/verdict.ts';
import { type Means, verifyBytes } from '../verify/verify.ts';
import { type JudgedPart, shareTime } from '../verify/verify-bundle.ts';
import { type Archive, openArchive } from './archive.ts';
import { judgeCarried } from './judge-carried.ts';
import { reproductionCheck } from './judge-reproduction.ts';
import {
  MANIFEST_PATH,
  type Manifest,
  PAPER_PATH,
  publicationStatement,
  STATEMENT_PATHS,
} from './manifest.ts';
import { paperText } from './paper-text.ts';
import { readKeys } from './policy-keys.ts';
import { REPRODUCTIONS_FOLDER } from './reproduction.ts';

/** A bundle of the archive, judged. */
export interface Member {
  readonly path: string;
  /** Of the very bytes that were judged; absent where they could not be unpacked. */
  readonly digest?: Digest;
  readonly size?: number;
  readonly outcome: Outcome;
  readonly verdict?: Verdict;
  /** Why there is no verdict. */
  readonly error?: string;
}

/** What lies outside the archive and the pure code. */
export interface ArchiveMeans extends Means {
  /** Judges the bundles at these paths, on as many threads as there are. */
  readonly judgeMembers?: (archive: Archive, paths: readonly string[]) => Promise<readonly Member[]>;
  /** What lies beside the archive under a digest, as its digest is now; undefined where nothing does. */
  readonly readExternal?: (digest: Digest) => Digest | undefined;
}

export interface ArchiveVerdict {
  readonly verdict: Verdict;
  readonly members: readonly Member[];
  /** Absent where it could not be opened. */
  readonly manifest?: Manifest;
  readonly digest?: Digest;
}

/** @param now milliseconds since 1970 */
export async function verifyArchive(
  bytes: Uint8Array,
  trust: Trust,
  now: number,
  means: ArchiveMeans = {},
): Promise<ArchiveVerdict> {
  const { value: archive, fault, code } = openArchive(bytes);
  if (fault !== undefined) return { verdict: refuse(bytes, fault, code), members: [] };
  const { manifest, digest } = archive;
  const held = new Set(archive.zip.entries.map(({ name }) => name));
  const paths = manifest.records.map(({ bundle }) => bundle).filter((path) => held.has(path));
  const members = await (means.judgeMembers?.(archive, paths) ??
    judgeInTurn(archive, paths, trust, now, means));
  const statements = await judgeStatements(archive, held, trust, means);
  const parts = statements.flatMap(partOf);
  const checks = [
    formatCheck('archive.format', 'pass', describe(archive)),
    keysCheck(statements),
    filesCheck(findFiles(archive, held, members)),
    ...figureChecks(manifest, members),
    ...externalChecks(manifest, means.readExternal),
    ...(await judgeReproductions(archive, held, trust, means)),
    ...statements.flatMap(({ checks: own }) => own),
    ...demandedOfStatements(parts, trust, 'this manifest'),
  ];
  const signers = statements.flatMap(({ judged, checks: own }) =>
    own.filter(({ id }) => id === 'statement.signer').map((check) => ({ check, name: judged?.signed.name })),
  );
  const signer = signers.find(({ check }) => check.status === 'pass') ?? signers[0];
  const verdict = judge({
    subject: { kind: 'archive', version: '1', hash: digest },
    checks,
    trust,
    signer: signer?.check,
    name: signer?.name,
    notProven: [...NOT_PROVEN, 'that the figures were drawn from these records, or from all that were run'],
  });
  return { verdict, members, manifest, digest };
}

/** A zip in which nothing is called as our statements are means to be something else. */
function refuse(bytes: Uint8Array, fault: string, code: string): Verdict {
  if (code === 'format.newer') return newer('archive', fault);
  return holds(bytes, utf8(STATEMENT_PATHS.p256))
    ? malformed('archive', fault, code)
    : unrecognised(`a zip archive: unpack it and verify what is in it; none of qpoe’s: ${fault}`);
}

/** Names stand in a zip as they are. */
function holds(bytes: Uint8Array, name: Uint8Array): boolean {
  for (let at = bytes.indexOf(name[0]!); at >= 0; at = bytes.indexOf(name[0]!, at + 1))
    if (name.every((byte, i) => bytes[at + i] === byte)) return true;
  return false;
}

function describe({ manifest }: Archive): string {
  const { records, figures, withheld, anonymous } = manifest;
  return [
    `archive 1: ${count(records.length, 'record')}, ${count(figures.length, 'figure')}`,
    ...(withheld.length === 0 ? [] : [`withheld by its signer: ${withheld.join(', ')}`]),
    ...(anonymous === undefined ? [] : ['signed by a one-off identity']),
  ].join('; ');
}

async function judgeInTurn(
  archive: Archive,
  paths: readonly string[],
  trust: Trust,
  now: number,
  means: Means,
): Promise<readonly Member[]> {
  const members: Member[] = [];
  for (const path of paths) members.push(await judgeMember(archive, path, trust, now, means));
  return members;
}

/** @param path one of the zip's */
export async function judgeMember(
  { zip }: Archive,
  path: string,
  trust: Trust,
  now: number,
  means: Means,
): Promise<Member> {
  const { value: bytes, fault } = zip.unpack(path);
  if (fault !== undefined) return { path, outcome: 'fail', error: fault };
  const judged = { path, digest: digestOf(bytes), size: bytes.length };
  // As of a bundle that is verified by itself.
  if (bytes.length > MAX_BYTES)
    return {
      ...judged,
      outcome: 'fail',
      error: `${path} has ${bytes.length} bytes, over the limit of ${MAX_BYTES}`,
    };
  const verdict = await verifyBytes(bytes, trust, now, means);
  return { ...judged, outcome: verdict.verdict, verdict };
}

interface JudgedEnvelope {
  readonly path: string;
  readonly judged?: JudgedStatement;
  readonly checks: readonly Check[];
  /** The key that signed it, as base64(SHA-256(SPKI)); undefined where that isn't known. */
  readonly hint?: string;
  /** A key that the manifest names and nothing here is signed by. */
  readonly fault?: Found;
}

/** A statement of the manifest as one of what a policy makes demands of. */
function partOf({ judged, checks }: JudgedEnvelope): JudgedPart[] {
  if (judged === undefined) return [];
  const matches = checks.some(({ id, status }) => id === 'statement.subject' && status === 'pass');
  return [{ statement: judged, checks, matches }];
}

async function judgeStatements(
  archive: Archive,
  held: ReadonlySet<string>,
  trust: Trust,
  means: Means,
): Promise<readonly JudgedEnvelope[]> {
  const envelopes: JudgedEnvelope[] = [];
  for (const [algorithm, path] of Object.entries(STATEMENT_PATHS)) {
    const key = archive.manifest.keys
      .map((text) => readKey(text)!)
      .find((one) => one.algorithm === algorithm);
    if (key === undefined || !held.has(path)) {
      envelopes.push({ path, checks: [], fault: findAbsence(algorithm, path, key !== undefined) });
      continue;
    }
    envelopes.push(await judgeEnvelopeAt(archive, path, keyHint(key.spki), trust, means));
  }
  return shareTimes(envelopes);
}

/** Only one of the two is in a log: what dates it dates both, as in a bundle. */
function shareTimes(envelopes: readonly JudgedEnvelope[]): readonly JudgedEnvelope[] {
  const parts = envelopes.flatMap(partOf);
  return envelopes.map((envelope) => {
    const [part] = partOf(envelope);
    return part === undefined ? envelope : { ...envelope, checks: shareTime(part, parts).checks };
  });
}

function findAbsence(algorithm: string, path: string, isNamed: boolean): Found {
  return isNamed
    ? found('fail', `${path} is not here: the manifest names the key that signed it`, 'archive.unsigned')
    : found('fail', `the manifest names no ${algorithm} key`, 'archive.unsigned');
}

/** @param hint of the key that the manifest names */
async function judgeEnvelopeAt(
  { zip, manifest, manifestBytes }: Archive,
  path: string,
  hint: string,
  trust: Trust,
  means: Means,
): Promise<JudgedEnvelope> {
  const value = parse(zip.unpack(path).value);
  const { value: judged, fault } =
    value !== undefined && isSigstoreBundle(value)
      ? await judgeCarried(value, readKeys(manifest.keys), trust, means)
      : { fault: 'not a Sigstore bundle' };
  if (judged === undefined || judged.signed.key === undefined) {
    const unread = judged === undefined ? undefined : hintIn(value);
    if (judged !== undefined && unread === hint)
      return { path, judged, checks: tell(judged.checks, path), hint };
    return {
      path,
      checks: [],
      fault: found('fail', `${path}: ${fault ?? 'by another key'}`, 'archive.stray-key'),
    };
  }
  const signedBy = keyHint(judged.signed.key.spki);
  if (signedBy !== hint)
    return {
      path,
      checks: tell(judged.checks, path),
      fault: found(
        'fail',
        `${path}: by key ${signedBy}, which the manifest does not name`,
        'archive.stray-key',
      ),
    };
  return { path, judged, checks: tell(withSubject(judged, manifestBytes), path), hint };
}

const tell = (checks: readonly Check[], path: string): readonly Check[] =>
  checks.map((check) => ({ ...check, part: path }));

function hintIn(value: JsonValue | undefined): string | undefined {
  const material = (value as { verificationMaterial?: { publicKey?: { hint?: unknown } } } | undefined)
    ?.verificationMaterial;
  return typeof material?.publicKey?.hint === 'string' ? material.publicKey.hint : undefined;
}

const SUBJECT = 'What was signed is this very manifest.';

/** What was signed must be exactly what this manifest gives, to the byte. */
function withSubject({ checks, payload }: JudgedStatement, manifest: Bytes): readonly Check[] {
  const subject =
    payload === undefined
      ? found('skipped', 'needs statement.signature')
      : equalBytes(payload, publicationStatement(manifest))
        ? found('pass', digestOf(manifest))
        : found('fail', 'it states something else than this manifest', 'archive.subject');
  return checks.map((check) =>
    check.id === 'statement.subject' ? { ...statementCheck('subject', subject), claim: SUBJECT } : check,
  );
}

function parse(bytes: Uint8Array | undefined): JsonValue | undefined {
  if (bytes === undefined) return undefined;
  try {
    return parseJsonBytes(bytes, WRAPPED);
  } catch (error) {
    if (error instanceof JsonError) return undefined;
    throw error;
  }
}

function keysCheck(envelopes: readonly JudgedEnvelope[]): Check {
  const fault = envelopes.find((envelope) => envelope.fault !== undefined)?.fault;
  const result =
    fault ?? found('pass', `${count(envelopes.length, 'statement')} by the keys that the manifest names`);
  return makeCheck('archive.keys', 'SHA-256', result);
}

const filesCheck = (result: Found): Check => makeCheck('archive.files', 'SHA-256', result);

/** Every byte of the archive is the manifest's, its signatures', or follows from it. */
function findFiles({ zip, manifest }: Archive, held: ReadonlySet<string>, members: readonly Member[]): Found {
  const named = new Map(manifest.files.map((file) => [file.path, file]));
  const own = new Set<string>([MANIFEST_PATH, PAPER_PATH, ...Object.values(STATEMENT_PATHS)]);
  for (const { name } of zip.entries)
    if (!named.has(name) && !own.has(name))
      return found('fail', `the manifest does not name ${name}`, 'archive.stranger');
  const judged = new Map(members.map(({ path, digest }) => [path, digest]));
  for (const { path, digest } of manifest.files) {
    if (own.has(path)) return found('fail', `the manifest names ${path}, which it can't`, 'archive.stranger');
    if (!held.has(path)) return found('fail', `${path} is not here`, 'archive.missing');
    const { value, fault } = judged.has(path) ? { value: undefined } : zip.unpack(path);
    const actual = judged.get(path) ?? (value === undefined ? undefined : digestOf(value));
    if (actual !== digest)
      return found('fail', fault ?? `${path} is not the one that was signed`, 'archive.digest');
  }
  const paper = held.has(PAPER_PATH) ? zip.unpack(PAPER_PATH).value : undefined;
  if (paper === undefined || !equalBytes(paper, paperText(manifest)))
    return found('fail', `${PAPER_PATH} is not what the manifest gives`, 'archive.paper');
  return found('pass', `${count(manifest.files.length, 'file')} and ${PAPER_PATH}`);
}

function figureChecks(manifest: Manifest, members: readonly Member[]): Check[] {
  const byPath = new Map(members.map((member) => [member.path, member]));
  const byHash = new Map(manifest.records.map((record) => [record.hash, record]));
  const shown = new Set(manifest.figures.flatMap(({ records }) => records));
  const rest = manifest.records.map(({ hash }) => hash).filter((hash) => !shown.has(hash));
  const groups = [
    ...manifest.figures.map(({ name, records }) => ({ part: name, records })),
    ...(rest.length === 0 ? [] : [{ part: 'records of no figure', records: rest }]),
  ];
  return groups.map(({ part, records }) => {
    const judged = records.map((hash) => judgeRecord(byHash.get(hash)!, byPath));
    return { ...makeCheck('archive.figure', 'the checks of each bundle', concludeFigure(judged)), part };
  });
}

export interface JudgedRecord {
  readonly outcome: Outcome;
  readonly why: string;
}

/** What is at a record's place: its bundle's verdict, unless that is of another record. */
export function judgeRecord(
  { record_id: id, hash, bundle }: Manifest['records'][number],
  members: ReadonlyMap<string, Member>,
): JudgedRecord {
  const member = members.get(bundle);
  if (member === undefined) return { outcome: 'fail', why: `${bundle} is not here` };
  const { verdict, error } = member;
  if (verdict === undefined) return { outcome: 'fail', why: error ?? `${bundle} was not judged` };
  const isNamed = verdict.kind === 'bundle' && verdict.hash === hash && verdict.record_id === id;
  if (verdict.verdict !== 'fail' && verdict.headline !== 'NEWER FORMAT' && !isNamed)
    return { outcome: 'fail', why: `${bundle} holds another record than ${hash}` };
  return { outcome: verdict.verdict, why: `${id}: ${verdict.headline}` };
}

function concludeFigure(records: readonly JudgedRecord[]): Found {
  const of = (outcome: Outcome) => records.filter((record) => record.outcome === outcome);
  const [failed, unsure] = [of('fail'), of('inconclusive')];
  const bad = [...failed, ...unsure];
  if (bad.length === 0) return found('pass', count(records.length, 'record'));
  const list = `${bad.length} of ${count(records.length, 'record')}: ${bad
    .slice(0, 3)
    .map(({ why }) => why)
    .join('; ')}${bad.length > 3 ? '; …' : ''}`;
  return failed.length > 0
    ? found('fail', list, 'archive.record')
    : found('unknown', list, 'archive.inconclusive');
}

/** Whatever stands in their folder claims to be one. */
async function judgeReproductions(
  { zip, manifest }: Archive,
  held: ReadonlySet<string>,
  trust: Trust,
  means: Means,
): Promise<readonly Check[]> {
  const checks: Check[] = [];
  for (const { path } of manifest.files)
    if (path.startsWith(REPRODUCTIONS_FOLDER) && held.has(path))
      checks.push(await reproductionCheck(path, parse(zip.unpack(path).value), manifest, trust, means));
  return checks;
}

/** Nothing where nothing is handed over beside the archive. */
function externalChecks({ external }: Manifest, read: ArchiveMeans['readExternal']): Check[] {
  if (external.length === 0) return [];
  const check = (result: Found): Check[] => [makeCheck('archive.external', 'SHA-256', result)];
  if (read === undefined)
    return check(
      found(
        'absent',
        `${count(external.length, 'artifact')} by digest, not looked at`,
        'archive.external-unread',
        'get them, and name their folder',
      ),
    );
  const wrong = external.find(({ digest }) => ![undefined, digest].includes(read(digest)));
  if (wrong !== undefined)
    return check(
      found('fail', `what lies under ${wrong.digest} is something else`, 'archive.external-digest'),
    );
  const lost = external.filter(({ digest }) => read(digest) === undefined);
  return check(
    lost.length === 0
      ? found('pass', count(external.length, 'artifact'))
      : found(
          'unknown',
          `${lost.length} of ${external.length} are not there, first ${lost[0]!.digest}`,
          'archive.external-missing',
        ),
  );
}
