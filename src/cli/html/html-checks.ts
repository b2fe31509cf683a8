/** The checks of a verdict in a page: by layer, each with what it is worth. */

import type { Check, CheckStatus } from '../../verify/check.ts';
import { type Explanation, explain, failingOf } from '../../verify/explanations.ts';
import { type Layer, presentLayers } from '../../verify/layers.ts';
import { escapeHtml, evidence } from './html-text.ts';

const LOOKS: Readonly<Record<CheckStatus, { readonly glyph: string; readonly look: string }>> = {
  pass: { glyph: '✓', look: 'pass' },
  fail: { glyph: '✗', look: 'fail' },
  unknown: { glyph: '?', look: 'unsure' },
  missing: { glyph: '!', look: 'unsure' },
  absent: { glyph: '·', look: 'soft' },
  skipped: { glyph: '–', look: 'soft' },
};

/** Far more than a person reads. */
const MOST_CHECKS = 400;

export function checksHtml(checks: readonly Check[]): string {
  const left = checks.length - MOST_CHECKS;
  const more = left > 0 ? `<p class="soft">${left} more checks are not shown.</p>` : '';
  return presentLayers(checks.slice(0, MOST_CHECKS)).map(layerHtml).join('\n') + more;
}

function layerHtml({ title, checks }: Layer): string {
  const rows = checks.map((check, at) => partHtml(check, checks[at - 1]) + checkHtml(check));
  return `<h4>${escapeHtml(title)}</h4>\n${rows.join('\n')}`;
}

function partHtml({ part }: Check, before: Check | undefined): string {
  return part === undefined || part === before?.part ? '' : `<h5>${evidence(part)}</h5>\n`;
}

function checkHtml(check: Check): string {
  const { glyph, look } = LOOKS[check.status];
  const open = look === 'fail' || look === 'unsure' ? ' open' : '';
  const worth = explain(check.id);
  return `<details${open}><summary><span class="status ${look}"><span aria-hidden="true">${glyph}</span> ${check.status}</span> ${escapeHtml(check.claim)} <code class="soft">${check.id}</code></summary>
<dl>${entry('evidence', evidence(check.evidence))}${entry('relies on', evidence(check.relies_on))}${worth === undefined ? '' : worthHtml(check, worth)}</dl></details>`;
}

function worthHtml(check: Check, worth: Explanation): string {
  const { means, then } = failingOf(check, worth) ?? {};
  return [
    ...(means === undefined
      ? []
      : [entry('that means', escapeHtml(means)), entry('what to do', escapeHtml(then!))]),
    entry('a pass proves', escapeHtml(worth.proves)),
    entry('but not', escapeHtml(worth.not_proven)),
  ].join('');
}

export function entry(name: string, html: string): string {
  return `<dt>${escapeHtml(name)}</dt><dd>${html}</dd>`;
}
