/** When what happened, and on whose word: the signer's own times beside those of others. */

import { readAnchor } from '../src/anchor/evidence.ts';
import { readHeader } from '../src/anchor/header.ts';
import { readSigstoreBundle } from '../src/attest/sigstore-bundle.ts';
import { utf8 } from '../src/core/bytes.ts';
import { formatTime, parseTime } from '../src/core/time.ts';
import { readTimedSignature } from '../src/tlog/cosignature.ts';
import { parseNote } from '../src/tlog/note.ts';
import type { EvidenceBundle } from '../src/verify/bundle.ts';
import type { CheckStatus, Verdict } from '../src/verify/check.ts';
import type { CheckId } from '../src/verify/claims.ts';
import type { Evidence } from '../src/verify/evidence-content.ts';
import { isOfRecord } from './merkle-path.ts';

export type TimeName =
  | 'declared'
  | 'run'
  | 'recorded'
  | 'logged'
  | 'stamped'
  | 'witnessed'
  | 'submitted'
  | 'anchored';

export interface TimeMark {
  readonly name: TimeName;
  /** RFC 3339; undefined where it has no time of its own. */
  readonly time?: string | undefined;
  readonly ms?: number | undefined;
  /** Whose word it is: a name out of the evidence, or one of the page's own. */
  readonly source: string;
  /** `own`: the signer's word. Else what the check that judges it says. */
  readonly held: 'own' | CheckStatus;
}

/** In order, those without a time last. */
export function timesOf({ record, bundle }: Evidence, verdict: Verdict): readonly TimeMark[] {
  const { started_at, finished_at } = record.execution;
  const own = (name: TimeName, time: string, source: string): TimeMark => ({
    name,
    time,
    ms: parseTime(time),
    source,
    held: 'own',
  });
  const span = started_at === finished_at ? started_at : `${started_at} – ${finished_at}`;
  const marks: readonly TimeMark[] = [
    { ...own('run', started_at, 'the signer’s clock'), time: span },
    own('recorded', record.record.created_at, 'the signer’s clock'),
    ...(bundle === undefined ? [] : timesOfOthers(bundle, verdict)),
  ];
  return marks.toSorted((a, b) => (a.ms ?? Number.MAX_VALUE) - (b.ms ?? Number.MAX_VALUE));
}

function timesOfOthers(bundle: EvidenceBundle, verdict: Verdict): TimeMark[] {
  const held = (id: CheckId, part?: string): CheckStatus => {
    const about = verdict.checks.filter(
      (check) => check.id === id && (check.part ?? '').includes(part ?? ''),
    );
    return about.find(({ status }) => status !== 'pass')?.status ?? about[0]?.status ?? 'skipped';
  };
  const declared = verdict.checks.find(({ id }) => id === 'order.declared_before_run');
  const stamps = verdict.checks.filter(
    ({ id, part }) => id === 'time.stamp' && !part?.startsWith('receipt’s'),
  );
  return [
    ...(declared === undefined
      ? []
      : [markOf('declared', timeIn(declared.evidence), declared.relies_on, declared.status)]),
    ...stamps
      .slice(0, 1)
      .map((stamp) => markOf('stamped', timeIn(stamp.evidence), stamp.relies_on, stamp.status)),
    ...bundle.statements.filter(isOfRecord).flatMap((statement) => marksOfLog(statement, held)),
    ...bundle.anchors.flatMap((anchor) => {
      const { value } = readAnchor(anchor);
      const header = value && readHeader(value.header).value;
      if (value === undefined || header === undefined) return [];
      const name = value.event === 'record' ? 'submitted' : 'anchored';
      const source = `the clock of block ${header.number}’s chain`;
      return [
        markOf(
          name,
          formatTime(header.timestamp * 1000),
          source,
          held('anchor.block', `block ${header.number}`),
        ),
      ];
    }),
  ];
}

function markOf(name: TimeName, time: string | undefined, source: string, held: CheckStatus): TimeMark {
  return { name, time, ms: time === undefined ? undefined : parseTime(time), source, held };
}

const timeIn = (evidence: string): string | undefined => /\d{4}-\d\d-\d\dT[\d:.]+Z/.exec(evidence)?.[0];

/** The entry itself has no time of its own, unless a Rekor v1 signed one; each witness has its clock. */
function marksOfLog(
  statement: EvidenceBundle['statements'][number],
  held: (id: CheckId, part?: string) => CheckStatus,
): TimeMark[] {
  const { value } = readSigstoreBundle(statement);
  const [entry] = value?.kind === 'keyed' ? value.tlogEntries : [];
  if (entry === undefined) return [];
  const note = parseNote(utf8(entry.inclusionProof.checkpoint.envelope)).value;
  const origin = note?.text.split('\n', 1)[0] ?? '';
  const seconds = Number(entry.integratedTime ?? 0);
  const logged = seconds > 0 ? formatTime(seconds * 1000) : undefined;
  return [
    markOf('logged', logged, origin, held('log.checkpoint', 'record’s')),
    ...(note?.signatures ?? []).flatMap(({ name, signature }) => {
      const timed = name === origin ? undefined : readTimedSignature(signature);
      if (timed === undefined) return [];
      return [markOf('witnessed', formatTime(timed.time * 1000), name, held('log.witnesses', 'record’s'))];
    }),
  ];
}
