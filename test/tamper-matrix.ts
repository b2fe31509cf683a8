/**
 * What a mutated bundle may be: refused; the same bundle spelled otherwise; the same with something withheld that no demand
 * covers; the same beside what strangers said. Anything else that passes is a hole in the verifier.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keyHint } from '../src/attest/sigstore-bundle.ts';
import { evidenceMeans } from '../src/cli/verify/evidence-means.ts';
import { toBase64, utf8 } from '../src/core/bytes.ts';
import { digestOf } from '../src/core/digest.ts';
import { canonicalText } from '../src/core/jcs.ts';
import type { JsonObject, JsonValue } from '../src/core/json.ts';
import { spki } from '../src/store/identity.ts';
import { parseNote } from '../src/tlog/note.ts';
import { hashVkey, parseVkey } from '../src/tlog/vkey.ts';
import { inOrder } from '../src/verify/bundle.ts';
import type { Verdict } from '../src/verify/check.ts';
import type { JudgeTimestamp } from '../src/verify/timestamps.ts';
import type { Trust } from '../src/verify/trust.ts';
import { type Means, verifyBytes } from '../src/verify/verify.ts';
import { additionMutants, rebuiltMutants, replayMutants } from './bundle-attacks.ts';
import { hintOf, isMembers, listOf, type Members, meaningOf, splitNote } from './bundle-meaning.ts';
import { type Kind, type Mutant, noteMutants, spliceMutants, swapMutants } from './bundle-mutants.ts';
import { type CompleteBundle, completeBundle, newParties, type Parties } from './complete-bundle.ts';
import type { Json } from './mutations.ts';
// As the command line has them.
import '../src/store/native-ed25519.ts';
import '../src/store/native-sha256.ts';
import { NOW } from './records.ts';

/** Something that may be missing: all of a bundle's, as text, and the bundle without any. */
interface Withholdable {
  readonly reason: string;
  readonly strip: (bundle: JsonObject, take: (item: string) => void) => JsonObject;
}

const LOG_LINE = /^— log\.example\.org /;
const takeAll = (list: JsonValue | undefined, take: (item: string) => void): readonly JsonValue[] => {
  for (const item of listOf(list)) take(canonicalText(item));
  return [];
};

/** Everything that `strict` may pass without. */
function withholdable({ parties }: CompleteBundle): readonly Withholdable[] {
  const mlDsa65 = keyHint(spki(parties.identity.mlDsa65));
  return [
    {
      reason: 'a public key: no policy looks at them',
      strip: (bundle, take) => ({ ...bundle, keys: takeAll(bundle.keys, take) }),
    },
    {
      reason: 'a time stamp: no `existed_by` is demanded',
      strip: (bundle, take) => ({ ...bundle, timestamps: takeAll(bundle.timestamps, take) }),
    },
    {
      reason: 'a time stamp in a statement: no `existed_by` is demanded',
      strip: (bundle, take) =>
        mapStatements(bundle, (statement) => {
          const { timestampVerificationData: stamped, ...material } =
            statement.verificationMaterial as JsonObject;
          takeAll(isMembers(stamped) ? stamped.rfc3161Timestamps : [], take);
          return { ...statement, verificationMaterial: material };
        }),
    },
    {
      reason: 'the receipt’s file: one receipt of a known signer is demanded, and the statement is that',
      strip: (bundle, take) => ({ ...bundle, receipts: takeAll(bundle.receipts, take) }),
    },
    {
      reason:
        'the receipt’s second envelope: one receipt of a known signer is demanded, and the first is that',
      strip: (bundle, take) => ({
        ...bundle,
        statements: listOf(bundle.statements).filter((statement) => {
          const gone = isMembers(statement) && isReceipt(statement) && hintOf(statement) === mlDsa65;
          if (gone) take(canonicalText(statement));
          return !gone;
        }),
      }),
    },
    {
      reason: 'a witness of the receipt’s log entry: none is demanded of a receipt',
      strip: (bundle, take) =>
        mapReceiptNotes(
          bundle,
          keepLines((line) => LOG_LINE.test(line), take),
        ),
    },
    {
      reason: 'the way from the receipt’s tree to the anchored one: no anchor is demanded of a receipt',
      strip: (bundle, take) => ({
        ...bundle,
        anchors: listOf(bundle.anchors).map((anchor) => withoutProofFrom(anchor, 1, take)),
      }),
    },
  ];
}

function mapStatements(bundle: JsonObject, map: (statement: JsonObject) => JsonObject): JsonObject {
  return {
    ...bundle,
    statements: listOf(bundle.statements).map((statement) =>
      isMembers(statement) && isMembers(statement.verificationMaterial) ? map(statement) : statement,
    ),
  };
}

function isReceipt({ dsseEnvelope: envelope }: Members): boolean {
  const payload = isMembers(envelope) && typeof envelope.payload === 'string' ? envelope.payload : '';
  return Buffer.from(payload, 'base64').includes('"aiir.commit_receipt"');
}

function mapNotes(statement: JsonObject, map: (line: string) => readonly string[]): JsonObject {
  const text = JSON.stringify(statement, (name, value) => {
    if (name !== 'envelope' || typeof value !== 'string' || parseNote(utf8(value)).fault !== undefined)
      return value;
    const { text, lines } = splitNote(value);
    return `${text}\n${lines.flatMap(map).join('\n')}\n`;
  });
  return JSON.parse(text);
}

/** Those lines, and the others to `take`. */
function keepLines(keep: (line: string) => boolean, take: (line: string) => void) {
  return (line: string): readonly string[] => {
    if (keep(line)) return [line];
    take(line);
    return [];
  };
}

function mapReceiptNotes(bundle: JsonObject, map: (line: string) => readonly string[]): JsonObject {
  return mapStatements(bundle, (statement) => (isReceipt(statement) ? mapNotes(statement, map) : statement));
}

function withoutProofFrom(anchor: JsonValue, size: number, take: (item: string) => void): JsonValue {
  if (!isMembers(anchor) || !Array.isArray(anchor.consistency)) return anchor;
  const isFrom = (proof: JsonValue): boolean => isMembers(proof) && proof.size === size;
  takeAll(anchor.consistency.filter(isFrom), take);
  return { ...anchor, consistency: anchor.consistency.filter((proof) => !isFrom(proof)) };
}

/** Without what names a key that the policy lacks: whole statements, and lines in notes. What it was is handed to `take`. */
function stripStrangers(
  bundle: JsonObject,
  { strict }: CompleteBundle,
  take: (what: string) => void,
): JsonObject {
  const { policy } = strict as Extract<Trust, { kind: 'policy' }>;
  const [{ p256, ml_dsa_65 }] = policy.signer as unknown as [{ p256: string; ml_dsa_65: string }];
  const hints = [p256, ml_dsa_65].map((key) => keyHint(Buffer.from(key, 'base64')));
  const lines = (policy.log ?? [])
    .flatMap(({ vkey, witnesses = [] }) => [vkey!, ...witnesses])
    .map((text) => {
      const { name, keyId } = parseVkey(text).value!;
      return { name, keyId };
    });
  const logs = (policy.log ?? []).map(({ vkey }) => toBase64(hashVkey(parseVkey(vkey!).value!)));
  const isKnown = (line: string): boolean => {
    const [, name, encoded = ''] = line.split(' ');
    const keyId = Buffer.from(encoded, 'base64').subarray(0, 4).toString('hex');
    return lines.some((own) => own.name === name && own.keyId === keyId);
  };
  const known = keepLines(isKnown, () => take('a line in a note'));
  return mapStatements(
    {
      ...bundle,
      statements: listOf(bundle.statements).filter((statement) => {
        const strange = isMembers(statement) && !hints.includes(String(hintOf(statement)));
        if (strange) take('a statement');
        return !strange;
      }),
    },
    (statement) => withoutEntries(mapNotes(statement, known), logs, take),
  );
}

function withoutEntries(
  statement: JsonObject,
  logs: readonly string[],
  take: (what: string) => void,
): JsonObject {
  const { tlogEntries, ...material } = statement.verificationMaterial as JsonObject;
  const known = listOf(tlogEntries).filter(
    (entry) => isMembers(entry) && isMembers(entry.logId) && logs.includes(String(entry.logId.keyId)),
  );
  if (known.length < listOf(tlogEntries).length) take('a log entry');
  const rest = known.length === 0 ? {} : { tlogEntries: known };
  return { ...statement, verificationMaterial: { ...material, ...rest } };
}

/** An envelope that stands here once more, with less beside it, says nothing by that. */
function withoutCopies(statements: readonly JsonValue[], take: (what: string) => void): JsonValue[] {
  const isLess = (one: JsonValue, other: JsonValue): boolean =>
    one !== other &&
    isMembers(one) &&
    isMembers(other) &&
    canonicalText(one.dsseEnvelope!) === canonicalText(other.dsseEnvelope!) &&
    entriesOf(one).every((entry) => entriesOf(other).includes(entry));
  return inOrder(statements).filter((one, _, distinct) => {
    const copy = distinct.some((other) => isLess(one, other));
    if (copy) take('a second copy of an envelope');
    return !copy;
  });
}

const entriesOf = ({ verificationMaterial: material }: Members): string[] =>
  listOf((material as JsonObject).tlogEntries).map(canonicalText);

type Outcome = 'refused' | 'same' | 'withheld' | 'stranger' | 'PASSED';

interface Judgement {
  readonly outcome: Outcome;
  /** Why it may pass, or what it said where it must not. */
  readonly reasons: readonly string[];
}

export interface Matrix {
  /** Under both policies. */
  judge(mutant: Mutant): Promise<Judgement>;
}

/** @param bothAlways whether `own` is asked too where `strict` found a failure, which `own` finds as well */
export async function newMatrix(
  { bundle, means }: Pick<Laboratory, 'bundle' | 'means'>,
  bothAlways: boolean,
): Promise<Matrix> {
  const original = meaningOf(bundle.bytes)!;
  const [strict, own] = await Promise.all(
    [bundle.strict, bundle.own].map((trust) => verifyBytes(bundle.bytes, trust, NOW, means)),
  );
  const parts = withholdable(bundle);
  return {
    judge: async ({ bytes }) => {
      const underStrict = await verifyBytes(bytes, bundle.strict, NOW, means);
      const underOwn =
        bothAlways || underStrict.verdict !== 'fail'
          ? await verifyBytes(bytes, bundle.own, NOW, means)
          : undefined;
      const wrong = underOwn?.verdict === 'pass' ? findOtherRun(underOwn, own!, bytes, original) : undefined;
      if (wrong !== undefined) return { outcome: 'PASSED', reasons: [`under own: ${wrong}`] };
      if (underStrict.verdict !== 'pass') return { outcome: 'refused', reasons: [underStrict.headline] };
      return judgePass(underStrict, strict!, meaningOf(bytes)!, original, parts, bundle);
    },
  };
}

/** A pass under `own` must be about this very run. */
function findOtherRun(
  verdict: Verdict,
  expected: Verdict,
  bytes: Bytes,
  original: JsonObject,
): string | undefined {
  if (verdict.hash !== expected.hash || verdict.signer !== expected.signer)
    return `it passes as ${verdict.hash} by ${verdict.signer}`;
  return canonicalText(meaningOf(bytes)!.record!) === canonicalText(original.record!)
    ? undefined
    : 'it passes with another record';
}

type Bytes = Uint8Array;

/** What holds of a stranger's proof and anchor by itself: not that a log signed it, nor that a chain has the block. */
const MAY_PASS = /^(log\.(entry|inclusion)|anchor\.(header|receipt|root)) /;

function judgePass(
  verdict: Verdict,
  expected: Verdict,
  meaning: JsonObject,
  original: JsonObject,
  parts: readonly Withholdable[],
  bundle: CompleteBundle,
): Judgement {
  const said = findSaid(verdict, expected);
  if (canonicalText(meaning) === canonicalText(original))
    return said.length === 0 && verdict.checks.length === expected.checks.length
      ? { outcome: 'same', reasons: [] }
      : { outcome: 'PASSED', reasons: ['the same bundle, judged otherwise', ...said] };
  const strangers: string[] = [];
  const familiar = stripStrangers(meaning, bundle, (what) =>
    strangers.push(`${what} of someone whom you don’t know`),
  );
  const { rest, missing, added } = compareParts(familiar, original, parts);
  strangers.push(...added);
  const unknowns = verdict.checks.filter(({ status }) => status !== 'pass').length;
  const shown = unknowns > expected.checks.filter(({ status }) => status !== 'pass').length;
  if (!rest || said.some((text) => strangers.length === 0 || !MAY_PASS.test(text)))
    return { outcome: 'PASSED', reasons: [verdict.headline, ...said] };
  if (strangers.length === 0) return { outcome: 'withheld', reasons: missing };
  // A line in a note is nobody's part of the bundle: C2SP has it passed over.
  return shown || strangers.every((what) => what.startsWith('a line'))
    ? { outcome: 'stranger', reasons: [...strangers, ...missing] }
    : { outcome: 'PASSED', reasons: ['strangers’ parts that no check shows', ...strangers] };
}

/** The passes that the original doesn't have. Those whose evidence counts or dates what is there may say less. */
function findSaid(verdict: Verdict, expected: Verdict): string[] {
  const LESS = ['anchor.root', 'time.existed_by'];
  const known = expected.checks.filter(({ status }) => status === 'pass').map(describe);
  if (verdict.hash !== expected.hash || verdict.signer !== expected.signer) return ['hash or signer'];
  return verdict.checks
    .filter(({ status }) => status === 'pass')
    .map(describe)
    .filter((text) => !known.includes(text));
  function describe({ id, evidence }: Verdict['checks'][number]): string {
    return LESS.includes(id) ? id : `${id} ${evidence}`;
  }
}

/** Whether nothing differs but what may be missing, and strangers' anchors and stamps, which are there beside the original's. */
function compareParts(meaning: JsonObject, original: JsonObject, parts: readonly Withholdable[]) {
  const missing: string[] = [];
  const added: string[] = [];
  let [edited, before] = [meaning, original];
  for (const { reason, strip } of parts) {
    const [has, had] = [new Set<string>(), new Set<string>()];
    edited = strip(edited, (item) => has.add(item));
    before = strip(before, (item) => had.add(item));
    if ([...had].some((item) => !has.has(item))) missing.push(reason);
    if ([...has].some((item) => !had.has(item))) added.push(`more than the original has: ${reason}`);
  }
  const anchors = listOf(before.anchors).map(canonicalText);
  const own = listOf(edited.anchors).filter((anchor) => anchors.includes(canonicalText(anchor)));
  if (own.length < listOf(edited.anchors).length)
    added.push('an anchor of a log or in a block that you don’t know');
  const statements = withoutCopies(listOf(edited.statements), (what) => added.push(what));
  const rest = canonicalText({ ...edited, statements, anchors: inOrder(own) }) === canonicalText(before);
  return { rest: rest && own.length === anchors.length, missing, added };
}

/** In this process a bundle, an attacker who knows everyone's names, and what verification needs of Node. */
export interface Laboratory {
  readonly bundle: CompleteBundle;
  readonly attacker: Parties;
  readonly means: Means;
  readonly close: () => void;
}

export async function openLaboratory(): Promise<Laboratory> {
  const root = mkdtempSync(join(tmpdir(), 'qpoe-test-'));
  const bundle = await completeBundle(root);
  const { timestamps, ...means } = await evidenceMeans(bundle.strict);
  return {
    bundle,
    attacker: newParties(root),
    means: { ...means, timestamps: remember(timestamps!) },
    close: () => rmSync(root, { recursive: true }),
  };
}

/** Nearly every mutant holds the same stamps, and reading certificates takes longer than all the rest. */
function remember(judge: JudgeTimestamp): JudgeTimestamp {
  const known = new Map<string, ReturnType<JudgeTimestamp>>();
  return (stamp, signed, authorities) => {
    const id = [digestOf(stamp), digestOf(signed), ...authorities].join(' ');
    const result = known.get(id) ?? judge(stamp, signed, authorities);
    known.set(id, result);
    return result;
  };
}

/** Mutants of the parts, from the notes to the attacker's own. */
export async function partMutants({ bundle, attacker }: Laboratory): Promise<readonly Mutant[]> {
  const [own, other] = [bundle.bytes, bundle.other].map(
    (bytes) => JSON.parse(Buffer.from(bytes).toString()) as Json,
  );
  return [
    ...noteMutants(own!),
    ...swapMutants(own!, other!, 'the other’s', 'swapped'),
    ...spliceMutants(own!, other!),
    ...replayMutants(bundle),
    ...(await rebuiltMutants(bundle, attacker)),
    ...additionMutants(bundle, attacker),
  ];
}

type Counts = { readonly [outcome in Outcome]: number };

export interface Tally {
  readonly byKind: ReadonlyMap<Kind, Counts>;
  /** How many mutants passed for each reason. */
  readonly reasons: ReadonlyMap<string, number>;
  readonly made: number;
  /** Mutants that passed and must not. */
  readonly holes: readonly string[];
}

const ALONGSIDE = 16;

/** Judges them all, some at a time, which keeps the threads busy that compute signatures. */
export async function tally(mutants: Iterable<Mutant>, matrix: Matrix): Promise<Tally> {
  const byKind = new Map<Kind, Record<Outcome, number>>();
  const reasons = new Map<string, number>();
  const holes: string[] = [];
  let made = 0;
  const queue = mutants[Symbol.iterator]();
  const work = async (): Promise<void> => {
    for (let next = queue.next(); !next.done; next = queue.next()) {
      const mutant = next.value;
      const { outcome, reasons: why } = await matrix.judge(mutant);
      made++;
      const counts = byKind.get(mutant.kind) ?? { refused: 0, same: 0, withheld: 0, stranger: 0, PASSED: 0 };
      counts[outcome]++;
      byKind.set(mutant.kind, counts);
      if (outcome === 'PASSED') holes.push(`${mutant.kind}: ${mutant.about}: ${why.join('; ')}`);
      if (outcome === 'withheld' || outcome === 'stranger')
        for (const reason of new Set(why))
          reasons.set(`${outcome}: ${reason}`, (reasons.get(`${outcome}: ${reason}`) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: ALONGSIDE }, work));
  return { byKind, reasons, made, holes };
}

export function describeTally({ byKind, reasons, made }: Tally): string {
  const total = (outcome: Outcome): number =>
    [...byKind.values()].reduce((sum, counts) => sum + counts[outcome], 0);
  const row = (name: string, ...cells: readonly (string | number)[]): string =>
    name.padEnd(12) + cells.map((cell) => String(cell).padStart(10)).join('');
  const outcomes = ['refused', 'same', 'withheld', 'stranger', 'PASSED'] as const;
  return [
    row('', 'made', ...outcomes),
    ...[...byKind].map(([kind, counts]) =>
      row(
        kind,
        outcomes.reduce((sum, outcome) => sum + counts[outcome], 0),
        ...outcomes.map((outcome) => counts[outcome]),
      ),
    ),
    row('all', made, ...outcomes.map(total)),
    ...[...reasons].map(([reason, count]) => `${String(count).padStart(6)}  ${reason}`),
  ].join('\n');
}
