/**
 * `qpoe reproduce`: an archive's records run again, and what came of it as a file that this machine's identity signs. Nothing out of an
 * archive that fails is run: its circuits would be whoever's changed it, under the name of its signer.
 */

import { toBase64 } from '../../core/bytes.ts';
import { count } from '../../core/count.ts';
import { QpoeError } from '../../core/error.ts';
import { printable } from '../../core/printable.ts';
import type { Archive } from '../../publish/archive.ts';
import {
  describeTally,
  type Findings,
  NOT_REPLAYED,
  REPRODUCTION_V1,
  type Reproduction,
  reproductionBytes,
  reproductionPayload,
  type Tally,
  tallyOf,
} from '../../publish/reproduction.ts';
import { verifyArchive } from '../../publish/verify-archive.ts';
import { SIGNIFICANCE } from '../../statistics/significance.ts';
import { threeDigits } from '../../statistics/three-digits.ts';
import { readBounded } from '../../store/files.ts';
import { type Identity, identityFingerprint, spki } from '../../store/identity.ts';
import { signStatement } from '../../store/sign-statement.ts';
import type { Verdict } from '../../verify/check.ts';
import { readClock } from '../clock.ts';
import { paint } from '../compare/render-comparison.ts';
import { limitsOf, type ReplayOptions } from '../compare/rerun.ts';
import { type Context, readPassphrase } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { checkOut, refuseSameFile, writeOut } from '../output.ts';
import { countProgress } from '../progress.ts';
import { openIdentity } from '../record/signing.ts';
import { openArchiveBytes } from '../verify/archive-file.ts';
import { chooseTrust, type TrustOptions } from '../verify/choose-trust.ts';
import { evidenceMeans } from '../verify/evidence-means.ts';
import { MAX_ARCHIVE_BYTES } from '../verify/zip-file.ts';
import { VERSION } from '../version.ts';
import { type RerunArchive, type RerunRecord, rerunArchive } from './rerun-archive.ts';

export interface ReproduceOptions extends ReplayOptions, TrustOptions {
  readonly figure?: readonly string[];
  readonly out?: string;
}

export async function reproduce(
  context: Context,
  path: string,
  { figure = [], out = 'reproduction.json', ...options }: ReproduceOptions,
): Promise<ExitCode> {
  const limits = limitsOf(context, options);
  checkOut(out);
  refuseSameFile(out, path, 'the archive');
  // Once: what is verified is what is run.
  const bytes = readBounded(path, MAX_ARCHIVE_BYTES);
  const archive = openArchiveBytes(path, bytes);
  const records = recordsOf(archive, figure);
  const { verdict, headline } = await verifyFirst(context, bytes, options);
  if (verdict === 'fail') return refuse(context, path, headline);
  // Before anything runs: a passphrase that is wrong must not cost the runs.
  const identity = openIdentity(context, readPassphrase(context.environment));
  const progress = countProgress(context, 'ran again', records.length, 2);
  const again = await rerunArchive(context, archive, records, { ...options, limits, progress });
  const reproduction = sign(archive, again, identity);
  writeOut(out, reproductionBytes(reproduction));
  return report(context, { path, out, archive, headline, again, findings: reproduction.reproduction });
}

/** Of all the figures that are named, each record once. */
function recordsOf({ manifest }: Archive, names: readonly string[]): Archive['manifest']['records'] {
  if (names.length === 0) return manifest.records;
  const wanted = new Set(names.flatMap((name) => figureOf(manifest, name).records));
  return manifest.records.filter(({ hash }) => wanted.has(hash));
}

function figureOf({ figures }: Archive['manifest'], name: string): Archive['manifest']['figures'][number] {
  const figure = figures.find((one) => one.name === name);
  if (figure !== undefined) return figure;
  const names = figures.map((one) => one.name);
  throw new QpoeError(
    'usage',
    `the archive has no figure "${printable(name, 60)}"`,
    names.length === 0 ? 'it names none: leave --figure out' : `it has ${names.join(', ')}`,
  );
}

async function verifyFirst(context: Context, content: Uint8Array, options: TrustOptions): Promise<Verdict> {
  const { trust } = chooseTrust(context, {
    ...(options.policy === undefined ? {} : { policy: options.policy }),
    ...(options.signer === undefined ? {} : { signer: options.signer }),
  });
  const { verdict } = await verifyArchive(content, trust, Date.now(), await evidenceMeans(trust));
  if (context.signal.aborted) throw new QpoeError('interrupted', 'stopped before anything was run');
  return verdict;
}

function refuse(context: Context, path: string, headline: string): ExitCode {
  context.say(`${paint(['bold', 'red'], printable(headline))}`);
  context.say(`${printable(path)} does not verify: nothing was run; \`qpoe verify\` says more`);
  context.answer('reproduce', { written: false, verified: { path, verdict: headline } });
  return EXIT.fail;
}

function sign({ digest }: Archive, { records, sdks, tests }: RerunArchive, identity: Identity): Reproduction {
  const reproduction: Findings = {
    archive: digest,
    by: identityFingerprint(identity) as Findings['by'],
    at: new Date(readClock()).toISOString(),
    qpoe: VERSION,
    sdks,
    statistics: { tests, threshold: SIGNIFICANCE },
    records: records.map(({ said }) => said),
  };
  return {
    mediaType: REPRODUCTION_V1,
    reproduction,
    keys: [identity.ed25519, identity.p256, identity.mlDsa65].map((key) => toBase64(spki(key))),
    statements: signStatement(identity, reproductionPayload(reproduction)).map(({ bundle }) => bundle),
  };
}

interface Reproduced {
  readonly path: string;
  readonly out: string;
  readonly archive: Archive;
  readonly headline: string;
  readonly again: RerunArchive;
  readonly findings: Findings;
}

function report(context: Context, { path, out, archive, headline, again, findings }: Reproduced): ExitCode {
  const tally = tallyOf(findings.records);
  const [exit, colour, word] = concludeTally(tally);
  context.say(`${paint(['bold', colour], word)}: ${describeTally(tally)}`);
  context.say(`archive ${printable(path)}: ${printable(headline)}`);
  for (const line of renderGroups(archive, again)) context.say(line);
  context.say(`written ${out}`);
  context.say(`signer  ${findings.by}`);
  context.note(
    'an identical result shows that these are the counts of that circuit and seed, and not that they were measured',
  );
  context.note(`next: qpoe verify ${out}; send it to whoever published ${path}: qpoe publish --reproduction`);
  context.answer('reproduce', {
    written: true,
    path: out,
    verified: { path, verdict: headline },
    tally,
    reproduction: findings,
    notes: again.records.flatMap(({ said, notes }) =>
      notes.some((note) => note !== '') ? [{ record_id: said.record_id, notes }] : [],
    ),
  });
  return exit;
}

/** What was not run again takes nothing from what was, where something was. */
function concludeTally({ identical, consistent, different, unknown }: Tally) {
  if (different > 0) return [EXIT.fail, 'red', 'DIFFERENT'] as const;
  return unknown > 0 || identical + consistent === 0
    ? ([EXIT.inconclusive, 'yellow', "CAN'T SAY"] as const)
    : ([EXIT.pass, 'green', 'REPRODUCED'] as const);
}

/** By figure, as the paper has them; a record of two stands in both. */
function* renderGroups({ manifest }: Archive, { records }: RerunArchive): Generator<string> {
  const byHash = new Map(records.map((one) => [one.said.hash, one]));
  const shown = new Set(manifest.figures.flatMap((figure) => figure.records));
  const rest = records.filter(({ said }) => !shown.has(said.hash)).map(({ said }) => said.hash);
  const groups = [...manifest.figures, { name: 'records of no figure', records: rest }];
  for (const { name, records: hashes } of groups) {
    const own = hashes.flatMap((hash) => byHash.get(hash) ?? []);
    if (own.length === 0) continue;
    yield `  ${name}: ${describeTally(tallyOf(own.map(({ said }) => said)))}`;
    yield* renderRecords(own);
  }
}

const SHOWN = 20;

/** Those that are not as they were; of what is not replayed, one line a reason. */
function* renderRecords(own: readonly RerunRecord[]): Generator<string> {
  const worth = [...linesOf(own)];
  yield* worth.slice(0, SHOWN);
  if (worth.length > SHOWN) yield `    … ${count(worth.length - SHOWN, 'line')} more: --json has them all`;
}

function* linesOf(own: readonly RerunRecord[]): Generator<string> {
  const reasons = new Map<string, string[]>();
  for (const { said, notes } of own) {
    if (said.outcome === 'not_replayed') {
      const why = [NOT_REPLAYED[said.reason], ...notes.filter((note) => note !== '')].join(': ');
      reasons.set(why, [...(reasons.get(why) ?? []), said.record_id]);
    } else if (said.outcome !== 'identical') yield `    ${describeOutcome(said)}${changesOf(notes)}`;
  }
  for (const [why, ids] of reasons)
    yield `    ${ids.length === 1 ? ids[0]! : `${ids.length} records`} not replayed: ${printable(why, 400)}`;
}

function describeOutcome(said: Extract<RerunRecord['said'], { readonly sdk: string }>): string {
  const { record_id: id, outcome, p_adjusted: p, total_variation: distance } = said;
  const word = {
    identical: 'identical',
    consistent: 'consistent',
    different: 'DIFFERENT',
    unknown: 'can’t be said',
  }[outcome];
  const noise =
    distance === undefined
      ? ''
      : `, ${threeDigits(distance.value)} apart where shot noise alone makes it ${threeDigits(distance.shot_noise)}`;
  return `${id} ${word}${p === undefined ? '' : `: p = ${threeDigits(p)}`}${noise}`;
}

const changesOf = (notes: readonly string[]): string =>
  notes.length === 0 ? '' : `; ${printable(notes.slice(0, 3).join('; '), 300)}`;
