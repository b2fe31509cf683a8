/**
 * A reproduction, judged: who signed it, and whether it is about the records of this archive. An archive that holds one names another
 * manifest than the one that was reproduced, whose digest no later one can have: what binds the two is the hash of each record.
 */

import { count } from '../core/count.ts';
import type { JsonValue } from '../core/json.ts';
import { SIGNIFICANCE } from '../statistics/significance.ts';
import { type Check, type Found, found, makeCheck } from '../verify/check.ts';
import type { StatementMeans } from '../verify/judge-statement.ts';
import { statementCheck } from '../verify/statement-checks.ts';
import type { Trust } from '../verify/trust.ts';
import { judgeCarried } from './judge-carried.ts';
import type { Manifest } from './manifest.ts';
import { holdersOf, readKeys } from './policy-keys.ts';
import {
  describeTally,
  type Findings,
  type ReproducedRecord,
  type Reproduction,
  readReproduction,
  reproductionPath,
  tallyOf,
} from './reproduction.ts';

type Own = Pick<Manifest, 'keys' | 'records'>;

export type JudgedReproduction =
  /** It holds, whoever signed it. */
  | { readonly findings: Findings; readonly signer: Found; readonly isOwn: boolean; readonly fault?: never }
  | { readonly fault: string; readonly findings?: never; readonly isOwn?: never };

/** @param manifest of the archive that it is held against */
export async function judgeReproduction(
  value: JsonValue,
  manifest: Own,
  trust: Trust,
  means: StatementMeans,
): Promise<JudgedReproduction> {
  const { value: reproduction, fault } = readReproduction(value);
  if (reproduction === undefined) return { fault };
  const stranger = findStranger(reproduction.reproduction, manifest);
  if (stranger !== undefined) return { fault: stranger };
  const checks = await reproductionChecks(reproduction, trust, means);
  // Whose key it is says nothing of whether it holds.
  const wrong = checks.find(({ id, status }) => status === 'fail' && id !== 'statement.signer');
  return wrong === undefined
    ? {
        findings: reproduction.reproduction,
        signer: concludeSigner(checks, trust),
        isOwn: isOfOne(reproduction.keys, manifest.keys, trust),
      }
    : { fault: `${wrong.part}, ${wrong.id}: ${wrong.evidence}` };
}

/** One key of theirs is enough, in the evidence or in your policy: a fourth one is made in a moment, and changes the fingerprint. */
function isOfOne(keys: readonly string[], own: readonly string[], trust: Trust): boolean {
  const holders = new Set(holdersOf(readKeys(own), trust));
  return (
    keys.some((key) => own.includes(key)) || holdersOf(readKeys(keys), trust).some((one) => holders.has(one))
  );
}

function findStranger({ records }: Findings, { records: own }: Own): string | undefined {
  const ids = new Map<string, string>(own.map(({ hash, record_id: id }) => [hash, id]));
  const stranger = records.find(({ hash, record_id: id }) => ids.get(hash) !== id);
  return stranger === undefined
    ? undefined
    : `it is of record ${stranger.record_id} (${stranger.hash}), which is none of this archive`;
}

/**
 * Both statements, whose payload is known to be these findings: by the keys that it carries, so that a signature that doesn't hold is
 * found also where nobody knows the signer; and whose keys these are, as far as that is known.
 */
export async function reproductionChecks(
  { reproduction, keys, statements }: Reproduction,
  trust: Trust,
  means: StatementMeans,
): Promise<readonly Check[]> {
  const checks: Check[] = [];
  for (const [at, statement] of statements.entries()) {
    const { value, fault, code } = await judgeCarried(statement, readKeys(keys), trust, means);
    const judged = value?.checks ?? [statementCheck('signature', found('fail', fault!, code))];
    checks.push(
      ...judged.map((check) => ({ ...withSubject(check, reproduction.archive), part: `statement ${at}` })),
    );
  }
  return checks;
}

/** What it states was compared when it was read; a signature that fails leaves it open whether anyone did. */
function withSubject(check: Check, archive: string): Check {
  if (check.id !== 'statement.subject' || check.status === 'skipped') return check;
  return {
    ...statementCheck('subject', found('pass', archive)),
    claim: 'What was signed is exactly these findings.',
  };
}

/** The best that is known of one of the two keys: both belong to `by`, which both signed. */
function concludeSigner(checks: readonly Check[], trust: Trust): Found {
  const signers = checks.filter(({ id }) => id === 'statement.signer');
  const known = signers.find(({ status }) => status === 'pass');
  if (known !== undefined) return found('pass', known.evidence);
  if (trust.kind === 'unasked')
    return found('absent', 'who that is was not asked: --integrity-only', 'archive.reproduction-unasked');
  // It may be someone known, out of their time or not let vouch for records.
  const barred = signers.find(({ code }) => code !== 'signer.unknown' && code !== 'signer.no-policy');
  return found('unknown', barred?.evidence ?? 'whom you don’t know', 'archive.reproduction-unknown');
}

/** What it says, and what that is worth; never a reason to trust the archive, and only by its own faults one not to. @param path where it stands */
export async function reproductionCheck(
  path: string,
  value: JsonValue | undefined,
  manifest: Own,
  trust: Trust,
  means: StatementMeans,
): Promise<Check> {
  const judged =
    value === undefined
      ? { fault: 'not strict JSON' }
      : await judgeReproduction(value, manifest, trust, means);
  const result =
    judged.fault !== undefined
      ? found('fail', judged.fault, 'archive.reproduction')
      : reproductionPath(judged.findings) === path
        ? weigh(judged, manifest)
        : found('fail', 'its name is not the digest of what it states', 'archive.reproduction');
  return { ...makeCheck('archive.reproduction', 'whoever ran them again', result), part: path };
}

function weigh(
  { findings, signer, isOwn }: Extract<JudgedReproduction, { readonly signer: Found }>,
  manifest: Own,
): Found {
  const evidence = `${describeFindings(findings, manifest.records.length)}; by ${findings.by}, ${signer.evidence}`;
  if (isOwn) return found('unknown', `${evidence}: the archive’s own signer`, 'archive.reproduction-own');
  if (signer.status !== 'pass') return { ...signer, evidence };
  const { different, unknown, identical, consistent } = tallyOf(findings.records);
  if (different > 0 || findings.records.some(isContradicted))
    return found('unknown', evidence, 'archive.reproduction-differs');
  return unknown > 0 || identical + consistent === 0
    ? found('unknown', evidence, 'archive.reproduction-unsure')
    : found('pass', evidence);
}

/**
 * What its own numbers say otherwise: whoever signs it chooses the word, and the threshold too. Without a test all shots of both had one
 * outcome, and then they are no distance apart.
 */
function isContradicted(record: ReproducedRecord): boolean {
  if (record.outcome !== 'identical' && record.outcome !== 'consistent') return false;
  const { p_adjusted: p, total_variation: distance } = record;
  return p === undefined ? (distance?.value ?? 0) > 0 : p < SIGNIFICANCE;
}

/** @param all how many records the archive that it stands in has */
export function describeFindings({ archive, at, sdks, records }: Findings, all?: number): string {
  const on = Object.keys(sdks).sort().join(', ');
  const ran = records.filter(({ outcome }) => outcome !== 'not_replayed').length;
  const of =
    all === undefined ? `the ${count(records.length, 'record')} that it names` : count(all, 'record');
  const contradicted = records.filter(isContradicted).length;
  const but =
    contradicted === 0
      ? ''
      : ` (${contradicted} of them against its own numbers: p below ${SIGNIFICANCE}, or a distance without a test)`;
  return `ran ${ran} of ${of} again: ${describeTally(tallyOf(records))}${but}; on ${on === '' ? 'nothing' : on}, ${at}; from archive ${archive}`;
}
