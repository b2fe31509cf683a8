/** One verified file as a part of a page: the verdict, what it leaves open, and everything that it rests on. */

import { basename } from 'node:path';
import type { Check, Verdict } from '../../verify/check.ts';
import type { EvidenceContent, ShownCircuit, ShownResult } from '../../verify/evidence-content.ts';
import { byLayer } from '../../verify/layers.ts';
import { whatRemains } from '../../verify/still-holds.ts';
import type { FileOutcome, FileVerdict } from '../verify/verify-file.ts';
import { checksHtml, entry } from './html-checks.ts';
import { countsTable } from './html-counts.ts';
import { escapeHtml, evidence, evidenceLines } from './html-text.ts';

const LOOKS: Readonly<Record<FileOutcome, readonly [glyph: string, word: string, look: string]>> = {
  pass: ['✓', 'Pass', 'pass'],
  fail: ['✗', 'Fail', 'fail'],
  inconclusive: ['?', 'Inconclusive', 'unsure'],
  unrecognised: ['?', 'Unrecognised', 'unsure'],
  unreadable: ['✗', 'Unreadable', 'fail'],
};

/** A verdict never by colour alone: glyph, word and colour. */
export function outcomeHtml(outcome: FileOutcome): string {
  const [glyph, word, look] = LOOKS[outcome];
  return `<span class="word ${look}"><span aria-hidden="true">${glyph}</span> ${word}</span>`;
}

/** @param content what the file says; undefined where that isn't shown */
export function fileHtml(result: FileVerdict, content: EvidenceContent | undefined, id: string): string {
  const { verdict } = result;
  return `<article id="${id}">
<h1>${evidence(result.path)}</h1>
${verdict === undefined ? `<p>${outcomeHtml(result.outcome)}</p><p>${evidence(result.error ?? '')}</p>` : verdictHtml(result, verdict)}
<h3>The file</h3>
<dl>${fileFacts(result)}</dl>
${verdict === undefined ? '' : `<h3>Checks</h3>\n${checksHtml(verdict.checks)}`}
${content === undefined ? '' : contentHtml(content, result)}
${verifyYourselfHtml(result)}
</article>`;
}

function verdictHtml({ outcome }: FileVerdict, verdict: Verdict): string {
  const look = LOOKS[outcome][2];
  return `<div class="pair">
<section class="is-${look}"><h2>Verdict</h2><p>${outcomeHtml(outcome)}</p><p>${evidence(verdict.headline)}</p></section>
<section><h2>Not proven</h2><ul>${verdict.not_proven.map((line) => `<li>${escapeHtml(line)}</li>`).join('')}</ul></section>
</div>
${verdict.verdict === 'fail' ? remainderHtml(verdict.checks) : ''}`;
}

function remainderHtml(checks: readonly Check[]): string {
  const { holds, fallen } = whatRemains(checks);
  const claims = (of: readonly Check[]): string =>
    [...new Set(of.map(({ claim }) => escapeHtml(claim)))].join('<br>');
  const names = (of: readonly Check[]): string =>
    [...new Set(of.map(({ id }) => `<code>${id}</code>`))].join(', ');
  const list = (of: readonly Check[], say: (layer: readonly Check[]) => string): string =>
    `<dl>${byLayer(of)
      .map((layer) => entry(layer.title, say(layer.checks)))
      .join('')}</dl>`;
  return `<h3>What still holds</h3>
${holds.length === 0 ? '<p>Nothing.</p>' : list(holds, claims)}
${fallen.length === 0 ? '' : `<h3>Shows nothing about this record without what failed</h3>\n${list(fallen, names)}`}`;
}

function fileFacts({ path, digest, size, verdict }: FileVerdict): string {
  const facts: [string, string | undefined][] = [
    ['file', path],
    ['SHA-256', digest?.replace('sha256:', '')],
    ['size', size === undefined ? undefined : `${size} bytes`],
    ['kind', verdict && [verdict.kind, verdict.version ?? ''].join(' ').trim()],
    ['record', verdict?.record_id],
    ['record hash', verdict?.hash],
  ];
  return facts
    .map(([name, text]) => (text === undefined ? '' : entry(name, `<code>${evidence(text)}</code>`)))
    .join('');
}

function contentHtml(
  { facts, times, results, more, circuits }: EvidenceContent,
  { outcome, verdict }: FileVerdict,
): string {
  const caution =
    outcome === 'fail'
      ? '<p class="fail">This file fails. What follows is what it says, and not what anyone signed.</p>'
      : '<p class="soft">What the file says of itself. No one here has seen it run.</p>';
  const others = verdict?.checks.find(({ id, status }) => id === 'time.existed_by' && status === 'pass');
  const list = (rows: EvidenceContent['facts']): string =>
    `<dl>${rows.map(([name, text]) => entry(name, evidence(text))).join('')}</dl>`;
  return `<h3>What the file says</h3>
${caution}
${list(facts)}
<h4>Times, by the signer’s clock</h4>
${list(times)}
${others === undefined ? '' : `<p>By others: ${evidence(others.evidence)}.</p>`}
<h4>Results</h4>
${results.map(resultHtml).join('\n')}
${more === 0 ? '' : `<p class="soft">${more} more results are in the file.</p>`}
${circuits.map(circuitHtml).join('\n')}`;
}

function resultHtml({ title, counts, text }: ShownResult): string {
  return counts === undefined
    ? `<p>${evidence(title)}: ${evidence(text ?? '')}</p>`
    : countsTable(counts, title);
}

function circuitHtml({ title, digest, text, cut }: ShownCircuit): string {
  return `<h4>Circuit: ${evidence(title)}</h4>
<p class="soft"><code>${digest}</code></p>
<pre>${evidenceLines(text)}</pre>${cut ? '\n<p class="soft">Its beginning only; the file holds all of it.</p>' : ''}`;
}

/** Only a name that means the same to every shell stands in a command that someone may paste. */
const PLAIN_NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;

function verifyYourselfHtml({ path, digest }: FileVerdict): string {
  if (digest === undefined) return '';
  const name = basename(path);
  const file = PLAIN_NAME.test(name) ? name : 'FILE';
  return `<h3>Verify it yourself</h3>
<p>The digest says whether you have the very bytes that this report is about. Whom you trust is for your policy to say, or for a fingerprint that reached you on another way than this page.</p>
<pre>qpoe verify ${file}
sha256sum ${file}
${digest.replace('sha256:', '')}</pre>`;
}
