/**
 * `qpoe verify --html`: the verdicts as one page that needs nothing else. It holds no script, so that nothing in it can claim
 * to verify: it is the word of whoever made it, and says so first.
 */

import { realpathSync } from 'node:fs';
import { utf8 } from '../../core/bytes.ts';
import { QpoeError } from '../../core/error.ts';
import { formatTime } from '../../core/time.ts';
import { type EvidenceContent, readContent } from '../../verify/evidence-content.ts';
import { writeOut } from '../output.ts';
import type { Warning } from '../verify/trust-in-evidence.ts';
import type { TrustSaid } from '../verify/verify.ts';
import type { FileTask, FileVerdict, Look } from '../verify/verify-file.ts';
import { entry } from './html-checks.ts';
import { fileHtml, outcomeHtml } from './html-file.ts';
import { framePage } from './html-page.ts';
import { escapeHtml, evidence } from './html-text.ts';

/** A page is read by a person: past these it says how many there are. */
const MOST_SECTIONS = 50;
const MOST_ROWS = 2000;

export interface ReportHead {
  readonly qpoe: string;
  readonly trust: TrustSaid;
  readonly warnings: readonly Warning[];
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface Report {
  readonly path: string;
  readonly look: Look;
  /** After `look`, where the file could be read. */
  add(result: FileVerdict): void;
  write(head: ReportHead): void;
}

/** @throws QpoeError `usage` where the report would take the place of what is verified */
export function beginReport(path: string, tasks: readonly FileTask[]): Report {
  const own = realPath(path);
  if (own !== undefined && tasks.some((task) => realPath(task.path) === own))
    throw new QpoeError('usage', `--html ${path} is a file that is verified`, 'name another');
  const shown: Shown[] = [];
  let total = 0;
  let sections = 0;
  let content: EvidenceContent | undefined;
  return {
    path,
    look: (bytes, { kind }) => {
      const isShown = sections < MOST_SECTIONS && (kind === 'record' || kind === 'bundle');
      content = isShown ? readContent(bytes) : undefined;
    },
    add: (result) => {
      total++;
      const hasSection = sections < MOST_SECTIONS && result.outcome !== 'unrecognised';
      if (hasSection) sections++;
      if (shown.length < MOST_ROWS) shown.push({ result, content, hasSection });
      content = undefined;
    },
    write: (head) => writeOut(path, utf8(pageHtml(shown, total, head))),
  };
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    // Nothing is there yet, or nothing that could be overwritten.
    return undefined;
  }
}

interface Shown {
  readonly result: FileVerdict;
  readonly content: EvidenceContent | undefined;
  /** In a folder much is no evidence: that is listed, and no more. */
  readonly hasSection: boolean;
}

const CAUTION = 'This is a report by whoever sent it; verify the file yourself.';

/** @param total how many files were verified, of which the first are shown */
export function pageHtml(shown: readonly Shown[], total: number, head: ReportHead): string {
  const one = total === 1 ? shown[0] : undefined;
  return framePage({
    title: one === undefined ? `${total} files` : evidenceTitle(one.result),
    caution: CAUTION,
    main: `${one === undefined ? summaryHtml(shown, total) : ''}${shown.map(sectionHtml).join('')}<h3>This verification</h3>
<dl>${headEntries(head)}</dl>
`,
    footer: `${CAUTION} Nothing in this page verifies anything.`,
  });
}

function sectionHtml({ result, content, hasSection }: Shown, at: number): string {
  return hasSection ? `${fileHtml(result, content, `file-${at}`)}\n` : '';
}

/** A title shows no markup, so that it can hold no element around evidence. */
function evidenceTitle({ outcome, path }: FileVerdict): string {
  return `${outcome}: ${evidence(path).replace(/^<bdi>|<\/bdi>$/g, '')}`;
}

function summaryHtml(shown: readonly Shown[], total: number): string {
  const counts = Map.groupBy(shown, ({ result }) => result.outcome);
  const left = total - shown.length;
  return `<h1>${total} files</h1>
<p>${[...counts].map(([outcome, files]) => `${files.length} ${outcome}`).join(', ')}${left === 0 ? '' : `, of the ${shown.length} shown here; ${left} more were verified`}.</p>
<table><caption>Every file and its verdict${total > MOST_SECTIONS ? `; sections follow for the first ${MOST_SECTIONS}` : ''}</caption>
<thead><tr><th scope="col">verdict</th><th scope="col">file</th><th scope="col">says</th></tr></thead>
<tbody>
${shown.map(summaryRow).join('\n')}
</tbody></table>
`;
}

function summaryRow({ result, hasSection }: Shown, at: number): string {
  const name = evidence(result.path);
  const says =
    result.verdict === undefined || result.outcome === 'unrecognised'
      ? (result.error ?? '')
      : result.verdict.headline;
  return `<tr><td>${outcomeHtml(result.outcome)}</td><th scope="row">${hasSection ? `<a href="#file-${at}">${name}</a>` : name}</th><td>${evidence(says)}</td></tr>`;
}

function headEntries({ qpoe, trust, warnings, at }: ReportHead): string {
  return [
    entry('when', `${escapeHtml(formatTime(at))}, by the clock of the machine that made this report`),
    entry('by', `qpoe ${escapeHtml(qpoe)}`),
    ...trustEntries(trust),
    ...warnings.map(({ message }) => entry('warning', `<strong>${evidence(message, 2000)}</strong>`)),
  ].join('');
}

function trustEntries(trust: TrustSaid): string[] {
  switch (trust.kind) {
    case 'policy':
      return [
        entry('policy', `<code>${evidence(trust.path)}</code>`),
        entry('its SHA-256', `<code>${trust.digest.replace('sha256:', '')}</code>`),
      ];
    case 'signer':
      return [entry('trusting', `the one fingerprint <code>${evidence(trust.fingerprint)}</code>`)];
    case 'integrity-only':
      return [entry('trusting', 'nobody was asked for: hashes and signatures alone')];
    case 'nobody':
      return [entry('trusting', 'nobody: there was no policy')];
  }
}
