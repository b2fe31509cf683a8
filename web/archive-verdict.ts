/** An archive judged in the page: bundle by bundle, telling how far it is; and what its figures rest on, as data for the page to show. */

import { QpoeError } from '../src/core/error.ts';
import type { Archive } from '../src/publish/archive.ts';
import type { Manifest } from '../src/publish/manifest.ts';
import {
  type ArchiveVerdict,
  type JudgedRecord,
  judgeMember,
  judgeRecord,
  type Member,
  verifyArchive,
} from '../src/publish/verify-archive.ts';
import type { Check, Outcome, Verdict } from '../src/verify/check.ts';
import type { Trust } from '../src/verify/trust.ts';
import type { Means } from '../src/verify/verify.ts';
import type { Advance } from './protocol.ts';

export interface MemberView extends JudgedRecord {
  readonly id: string;
  readonly path: string;
  /** Whether there is a bundle to open. */
  readonly isHere: boolean;
}

export interface FigureView {
  /** Undefined of the records that no figure shows. */
  readonly name?: string | undefined;
  readonly check: Check;
  readonly records: number;
  /** The worst of them first. */
  readonly members: readonly MemberView[];
}

export interface ArchiveView {
  readonly publication: Manifest['publication'];
  readonly records: number;
  readonly figures: readonly FigureView[];
  /** Bundles that the manifest names and that are not here. */
  readonly lost: readonly string[];
  /** What its signer left out, by its own word. */
  readonly withheld: readonly string[];
  readonly isAnonymous: boolean;
  /** Artifacts that are handed over beside it, and that no one looked at here. */
  readonly external: number;
  /** Whether a bundle holds what no browser can check. */
  readonly unchecked: boolean;
}

/** Often enough to see it move, and seldom enough to cost nothing. */
const PAUSE_MS = 100;

export async function verifyArchiveHere(
  bytes: Uint8Array,
  trust: Trust,
  now: number,
  means: Means,
  advance: Advance,
): Promise<{ readonly verdict: Verdict; readonly archive?: ArchiveView | undefined }> {
  const judgeMembers = async (archive: Archive, paths: readonly string[]): Promise<readonly Member[]> => {
    const members: Member[] = [];
    let told = Number.NEGATIVE_INFINITY;
    for (const path of paths) {
      if (performance.now() - told > PAUSE_MS) {
        if (!(await advance({ done: members.length, all: paths.length })))
          throw new QpoeError('interrupted', 'nobody waits for it any more');
        told = performance.now();
      }
      members.push(await judgeMember(archive, path, trust, now, means));
    }
    return members;
  };
  const judged = await verifyArchive(bytes, trust, now, { ...means, judgeMembers });
  return { verdict: judged.verdict, archive: summarize(judged) };
}

function summarize({ manifest, members, verdict }: ArchiveVerdict): ArchiveView | undefined {
  if (manifest === undefined) return undefined;
  const { publication, records, withheld, anonymous, external } = manifest;
  const judged = new Map(members.map((member) => [member.path, member]));
  return {
    publication,
    records: records.length,
    figures: figuresOf(manifest, judged, verdict),
    lost: records.map(({ bundle }) => bundle).filter((path) => !judged.has(path)),
    withheld,
    isAnonymous: anonymous !== undefined,
    external: external.length,
    unchecked: members.some(({ verdict: own }) =>
      own?.checks.some(({ code }) => code?.endsWith('.unchecked')),
    ),
  };
}

/** What a person scrolls through: of a figure's 20,000 the worst are enough. */
const MOST_MEMBERS = 200;
const WORST: readonly Outcome[] = ['fail', 'inconclusive', 'pass'];

/** One check a figure, in the manifest's order, and one for the rest where there is any. */
function figuresOf(
  { figures, records }: Manifest,
  judged: ReadonlyMap<string, Member>,
  { checks }: Verdict,
): readonly FigureView[] {
  const byHash = new Map(records.map((record) => [record.hash, record]));
  const shown = new Set(figures.flatMap(({ records: own }) => own));
  const rest = [...byHash.keys()].filter((hash) => !shown.has(hash));
  const viewOf = (hash: Manifest['records'][number]['hash']): MemberView => {
    const record = byHash.get(hash)!;
    const { record_id: id, bundle: path } = record;
    return { id, path, ...judgeRecord(record, judged), isHere: judged.get(path)?.verdict !== undefined };
  };
  return checks
    .filter(({ id }) => id === 'archive.figure')
    .map((check, at) => {
      const { name, records: own = rest } = figures[at] ?? {};
      const members = own
        .map(viewOf)
        .toSorted((a, b) => WORST.indexOf(a.outcome) - WORST.indexOf(b.outcome))
        .slice(0, MOST_MEMBERS);
      return { name, check, records: own.length, members };
    });
}
