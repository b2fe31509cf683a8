/** `qpoe publish`: the records behind a paper as one signed archive, for a repository, a journal and whoever reviews it. */

import { randomBytes } from 'node:crypto';
import { type Bytes, fromUtf8, toBase64, utf8 } from '../../core/bytes.ts';
import { count } from '../../core/count.ts';
import { type Digest, digestOf } from '../../core/digest.ts';
import { QpoeError } from '../../core/error.ts';
import { printable } from '../../core/printable.ts';
import { holdsHandleIn, searched } from '../../publish/handles.ts';
import {
  MANIFEST_PATH,
  MANIFEST_V1,
  type Manifest,
  manifestBytes,
  PAPER_PATH,
  publicationStatement,
  STATEMENT_PATHS,
} from '../../publish/manifest.ts';
import { paperLines, paperText } from '../../publish/paper-text.ts';
import {
  ANONYMOUS_FIELDS,
  isCoreField,
  type Opening,
  openingBytes,
  openingDigest,
} from '../../publish/republish.ts';
import { select } from '../../publish/selection.ts';
import { type Told, whatItTells } from '../../publish/tells.ts';
import { isWithholdablePart, WITHHOLDABLE_PARTS, withoutMaterial } from '../../publish/withheld-parts.ts';
import { writeZip } from '../../publish/write-zip.ts';
import { personalText } from '../../record/withhold.ts';
import { generateIdentity, type Identity, identityFingerprint, spki } from '../../store/identity.ts';
import { hasLog } from '../../store/log.ts';
import { readCheckpoint } from '../../store/log-read.ts';
import { addOpenings } from '../../store/openings.ts';
import { readOwnJson } from '../../store/own-json.ts';
import { forgetAnonymous, keepAnonymous } from '../../store/publications.ts';
import { signStatement } from '../../store/sign-statement.ts';
import { addStatements, publicationFolder } from '../../store/statements.ts';
import { listRecords, objectSize, openStore, type Store } from '../../store/store.ts';
import { readClock } from '../clock.ts';
import { type Context, readPassphrase } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { type Entered, enterKept } from '../log/enter-log.ts';
import { logFolder } from '../log/log-place.ts';
import { checkOut, refuseSameFile, writeOut } from '../output.ts';
import { openIdentity } from '../record/signing.ts';
import { thisPerson } from '../record/this-person.ts';
import { archiveFiles, bundlePath, type ManifestHead, namedFiles } from './archive-parts.ts';
import { describePublication, type PublicationOptions } from './publication.ts';
import { type PackedRecord, packRecords, type Withheld } from './publish-records.ts';
import { readReproductions, refuseReproductions } from './publish-reproductions.ts';
import { writeExternal } from './write-external.ts';

export interface PublishOptions extends PublicationOptions {
  readonly out?: string;
  readonly withhold?: readonly string[];
  /** A folder for what is too large for a bundle. */
  readonly external?: string;
  readonly dryRun?: boolean;
  /** Files that others made who ran the records again. */
  readonly reproduction?: readonly string[];
}

export async function publish(
  context: Context,
  selections: readonly string[],
  options: PublishOptions,
): Promise<ExitCode> {
  const { out = 'publication.zip', external, reproduction = [] } = options;
  checkOut(out);
  for (const path of reproduction) refuseSameFile(out, path, 'a reproduction that it is to hold');
  const store = openStore(context.storePath);
  if (selections.length === 0)
    throw new QpoeError(
      'usage',
      'nothing is selected',
      'give ids, label:TEXT, days, all, or FIGURE= before them',
    );
  const selected = select(selections, listRecords(store).rows);
  const today = new Date(readClock()).toISOString().slice(0, 10);
  const publication = await describePublication(
    options,
    selected.figures.map(({ name }) => name),
    today,
  );
  const withheld = readWithheld(options);
  if (options.anonymous === true) refuseReproductions(reproduction);
  const oneOff = options.anonymous === true ? generateIdentity() : undefined;
  const packed = await packRecords(context, store, selected.records, withheld, oneOff);
  const told = whatItTells(packed, personalText(thisPerson()));
  tell(context, told, options.anonymous === true);
  const left = collectLeft(store, packed);
  if (options.dryRun === true) return concludeDry(context, packed, told, left);
  const byId = new Map(selected.records.map(({ record_id: id }, at) => [id, packed[at]!.record.record.hash]));
  const identity = openIdentity(context, readPassphrase(context.environment));
  const commitment = {
    salt: toBase64(new Uint8Array(randomBytes(32))),
    value: identityFingerprint(identity),
  };
  const head: ManifestHead = {
    publication,
    keys: keysOf(oneOff ?? identity),
    figures: selected.figures.map(({ name, records }) => ({
      name,
      records: records.map(({ record_id: id }) => byId.get(id)!),
    })),
    records: packed.map(({ record }) => ({
      record_id: record.record.record_id,
      hash: record.record.hash as Digest,
      bundle: bundlePath(record),
    })),
    external: external === undefined ? [] : left.map(({ digest, size }) => ({ digest, size })),
    withheld: [...withheld.parts, ...withheld.fields].sort(),
    ...(oneOff === undefined ? {} : { anonymous: { identity: { withheld: openingDigest(commitment) } } }),
  };
  const reproductions = await readReproductions(reproduction, head);
  const files = archiveFiles(head, packed, reproductions);
  const manifest: Manifest = { mediaType: MANIFEST_V1, ...head, files: namedFiles(files) };
  refuseLogs(store, packed, files, { parts: withheld.parts, anonymous: oneOff !== undefined });
  const signed = await sign(context, store, manifest, oneOff ?? identity, {
    logged: oneOff === undefined,
    parts: withheld.parts,
  });
  for (const [path, bytes] of signed.files) files.set(path, bytes);
  const bytes = writeZip(files);
  const digests = left.map(({ digest }) => digest);
  const undo = external === undefined ? undefined : writeExternal(store, external, digests);
  try {
    if (oneOff !== undefined) keepLink(store, manifest, commitment, packed);
    writeOut(out, bytes);
  } catch (error) {
    undo?.();
    if (oneOff !== undefined) forgetAnonymous(store, digestOf(manifestBytes(manifest)));
    throw unwritten(error, oneOff === undefined);
  }
  return conclude(context, { out, bytes, manifest, told, left, external, entered: signed.entered });
}

/** A log's entry can't be taken back, nor then what it is of. */
function unwritten(error: unknown, kept: boolean): unknown {
  if (!(error instanceof QpoeError) || !kept) return error;
  const hint = 'the store keeps the manifest’s signatures: the same command gives the same archive';
  return new QpoeError(error.code, error.message, hint, { cause: error });
}

/** A record may name a log where no part can be left out of it, as the binding of a job does. */
function refuseLogs(
  store: Store,
  packed: readonly PackedRecord[],
  files: ReadonlyMap<string, Uint8Array>,
  { parts, anonymous }: { readonly parts: Withheld['parts']; readonly anonymous: boolean },
): void {
  if (!anonymous && !isLogWithheld(parts)) return;
  const own = hasLog(logFolder(store))
    ? [fromUtf8(readCheckpoint(logFolder(store)))!.split('\n', 1)[0]!]
    : [];
  const names = searched([...own, ...packed.flatMap(({ logs }) => logs)]);
  for (const [path, bytes] of files)
    if (holdsHandleIn(bytes, names))
      throw new QpoeError(
        'refused',
        `${path} would name the log, which is withheld`,
        anonymous
          ? 'nothing was written; leave out the record'
          : 'nothing was written; leave out the record, or --withhold receipts and statements too; what is signed only --anonymous leaves out',
      );
}

/** The manifest's own signatures always stay; what leads to the log goes with the records' proofs of it. */
const isLogWithheld = (parts: Withheld['parts']): boolean => parts.has('log') || parts.has('statements');

/** A part of bundles is left out of any archive; what stands in a record only where it is signed anew. */
function readWithheld({ withhold = [], anonymous, external }: PublishOptions): Withheld {
  for (const name of withhold) {
    if (isWithholdablePart(name)) continue;
    if (!isCoreField(name) || printable(name, 4000) !== name)
      throw new QpoeError(
        'usage',
        `"${printable(name)}" is nothing that --withhold knows`,
        `give ${Object.keys(WITHHOLDABLE_PARTS).join(', ')}; with --anonymous ${ANONYMOUS_FIELDS.join(', ')} or a path below execution`,
      );
    if (anonymous !== true)
      throw new QpoeError(
        'refused',
        `"${name}" stands inside what was signed: leaving it out would break the record's hash`,
        'leave out the record, or publish with --anonymous, which signs a new record without it',
      );
  }
  // A receipt names the commit and its author, and is about the record that was signed before.
  const always = anonymous === true ? ['receipts', ...ANONYMOUS_FIELDS] : [];
  const all = [...new Set([...always, ...withhold])];
  return {
    parts: new Set(all.filter(isWithholdablePart)),
    external: external !== undefined,
    fields: all.filter((name) => !isWithholdablePart(name)),
  };
}

function keysOf(identity: Identity): string[] {
  return [identity.ed25519, identity.p256, identity.mlDsa65].map((key) => toBase64(spki(key)));
}

interface SignedManifest {
  /** The manifest, its statements, and the text for the paper. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly entered: Entered | undefined;
}

/** A one-off identity's statement is in no log: the store's own log would say whose it is. */
async function sign(
  context: Context,
  store: Store,
  manifest: Manifest,
  identity: Identity,
  { logged, parts }: { readonly logged: boolean; readonly parts: Withheld['parts'] },
): Promise<SignedManifest> {
  const bytes = manifestBytes(manifest);
  const payload = publicationStatement(bytes);
  const own: [string, Uint8Array][] = [
    [MANIFEST_PATH, bytes],
    [PAPER_PATH, paperText(manifest)],
  ];
  const envelopes = signStatement(identity, payload);
  const pathOf = (algorithm: string): string => STATEMENT_PATHS[algorithm as keyof typeof STATEMENT_PATHS];
  if (!logged) {
    const statements = envelopes.map(({ algorithm, bundle }): [string, Uint8Array] => [
      pathOf(algorithm),
      utf8(`${JSON.stringify(bundle)}\n`),
    ]);
    return { files: new Map([...own, ...statements]), entered: undefined };
  }
  const kept = addStatements(store, publicationFolder(store, digestOf(payload)), envelopes);
  const entered = await enterKept(context, store, kept);
  const statements = kept.map(({ algorithm, path }): [string, Uint8Array] => [
    pathOf(algorithm),
    utf8(`${JSON.stringify(withoutMaterial(readOwnJson(path), proofsLeftOut(parts)))}\n`),
  ]);
  return { files: new Map([...own, ...statements]), entered };
}

/** The log's entry stays in the store; a time stamp may stand there too, where the manifest was published before. */
const proofsLeftOut = (parts: Withheld['parts']): Withheld['parts'] =>
  parts.has('statements') ? new Set(['log', 'timestamps']) : parts;

/** What a later link needs, for the owner alone. */
function keepLink(
  store: Store,
  manifest: Manifest,
  identity: Opening,
  packed: readonly PackedRecord[],
): void {
  addOpenings(store, [openingBytes(identity), ...packed.flatMap(({ of }) => of?.openings ?? [])] as Bytes[]);
  const records = packed.flatMap(({ record, of }) =>
    of === undefined ? [] : [{ record: record.record.hash as Digest, original: of.original }],
  );
  keepAnonymous(store, digestOf(manifestBytes(manifest)), { identity, records });
}

interface Left {
  readonly digest: Digest;
  readonly size: number;
}

/** What the store has of what no bundle takes. */
function collectLeft(store: Store, packed: readonly PackedRecord[]): readonly Left[] {
  const digests = new Set(packed.flatMap(({ left }) => left));
  return [...digests].sort().flatMap((digest) => {
    const size = objectSize(store, digest);
    return size === undefined ? [] : [{ digest, size }];
  });
}

const SHOWN_VALUES = 4;
/** Texts are anyone's: one that is not shown is one that nobody looked at. */
const SHOWN_TEXTS = 40;

/** Before anything is written. */
function tell(context: Context, told: readonly Told[], anonymous: boolean): void {
  context.note('this archive tells, beside the runs:');
  for (const { field, signed, what, values } of told) {
    const isText = field === 'execution.SECTION.NAME';
    const most = isText ? SHOWN_TEXTS : SHOWN_VALUES;
    const shown = values.slice(0, most).map((value) => printable(value, isText ? 400 : 80));
    const more = values.length > most ? `, … ${values.length - most} more: --json has them all` : '';
    context.note(`  ${what}: ${shown.join(', ')}${more}${howToWithhold(field, signed, anonymous)}`);
  }
}

function howToWithhold(field: string | undefined, signed: boolean, anonymous: boolean): string {
  if (field === undefined) return '  [signed: stays]';
  if (signed && !anonymous) return '  [signed: only --anonymous leaves it out]';
  return `  [--withhold ${field}]`;
}

function concludeDry(
  context: Context,
  packed: readonly PackedRecord[],
  told: readonly Told[],
  left: readonly Left[],
): ExitCode {
  context.say(`would publish ${count(packed.length, 'record')}; nothing was written`);
  context.answer('publish', { written: false, records: packed.length, tells: told, left_out: left });
  return EXIT.pass;
}

interface Published {
  readonly out: string;
  readonly bytes: Bytes;
  readonly manifest: Manifest;
  readonly told: readonly Told[];
  readonly left: readonly Left[];
  readonly external: string | undefined;
  readonly entered: Entered | undefined;
}

function conclude(
  context: Context,
  { out, bytes, manifest, told, left, external, entered }: Published,
): ExitCode {
  const digest = digestOf(manifestBytes(manifest));
  context.say(`archive ${out}, ${bytes.length} bytes`);
  context.say(`holds   ${count(manifest.records.length, 'record')}, ${count(manifest.files.length, 'file')}`);
  for (const { name, records } of manifest.figures)
    context.say(`figure  ${name}: ${count(records.length, 'record')}`);
  if (manifest.withheld.length > 0) context.say(`without ${manifest.withheld.join(', ')}`);
  if (entered !== undefined) context.say(`logged  entry ${entered.index} of ${entered.log}`);
  if (left.length > 0)
    context.note(
      external === undefined
        ? `in the store stay ${count(left.length, 'large artifact')}: --external DIR hands them over`
        : `in ${external}: ${count(left.length, 'large artifact')}; hand that folder over too`,
    );
  context.say('');
  context.say('For the paper:');
  for (const line of paperLines(manifest, digest, printable(out))) context.say(`  ${line}`);
  context.note(`next: qpoe verify ${out}`);
  context.answer('publish', {
    written: true,
    path: out,
    digest: digestOf(bytes),
    manifest: digest,
    records: manifest.records.length,
    figures: manifest.figures,
    withheld: manifest.withheld,
    external: manifest.external,
    tells: told,
    ...(entered === undefined ? {} : { log_entry: { log: entered.log, log_index: entered.index } }),
  });
  return EXIT.pass;
}
