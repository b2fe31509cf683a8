/** One verified file: the verdict, what it leaves open, and everything that it rests on. */

import type { Check, Verdict } from '../src/verify/check.ts';
import { byLayer } from '../src/verify/layers.ts';
import { whatRemains } from '../src/verify/still-holds.ts';
import { archiveView, type OpenMember } from './archive-view.ts';
import { chainView } from './chain-view.ts';
import { checksView } from './checks-view.ts';
import { circuitView } from './circuit-view.ts';
import { resultView } from './counts-view.ts';
import { type Child, code, definitions, element, evidence, folded, foldedLater, lines } from './dom.ts';
import type { EvidenceView } from './evidence-view.ts';
import { OUTCOMES, outcomeMark } from './looks.ts';
import type { ChosenTrust, Verified } from './protocol.ts';
import { TEXTS } from './texts.ts';
import { timesView } from './times-view.ts';

/** The verdict and what it doesn't prove, side by side and alike. */
export function verdictPair({ verdict, archive }: Verified): HTMLElement {
  const texts = TEXTS.verdict;
  const look = OUTCOMES[verdict.verdict][1];
  return element(
    'div',
    { class: 'pair' },
    element(
      'section',
      { class: `card is-${look}` },
      element('h4', {}, texts.title),
      element('p', {}, outcomeMark(verdict.verdict)),
      element('p', { class: 'headline' }, evidence(verdict.headline)),
      element('p', {}, remarkOn(verdict, archive?.unchecked)),
    ),
    element(
      'section',
      { class: 'card is-open' },
      element('h4', {}, texts.notProven),
      element('ul', {}, ...verdict.not_proven.map((line) => element('li', {}, line))),
    ),
  );
}

function remarkOn({ verdict, headline, checks }: Verdict, hasUnchecked = false): Child {
  const texts = TEXTS.verdict;
  const pending = checks.filter(({ status }) => status === 'unknown').length;
  if (verdict === 'pass') return pending === 0 ? undefined : texts.pending(pending);
  if (headline === 'NEWER FORMAT') return texts.newer;
  if (verdict === 'inconclusive' && checks.some(({ code }) => code?.endsWith('.unchecked')))
    return texts.unchecked;
  if (verdict === 'inconclusive' && hasUnchecked) return texts.uncheckedMember;
  return headline.startsWith('INTACT') ? texts.intact : undefined;
}

export function remainderView(verdict: Verdict): Child {
  if (verdict.verdict !== 'fail') return undefined;
  const { holds, fallen } = whatRemains(verdict.checks);
  const claims = (of: readonly Check[]): string => [...new Set(of.map(({ claim }) => claim))].join(' ');
  const names = (of: readonly Check[]): string => [...new Set(of.map(({ id }) => id))].join(', ');
  const list = (of: readonly Check[], say: (layer: readonly Check[]) => string): HTMLElement =>
    definitions(byLayer(of).map((layer) => [layer.title, say(layer.checks)] as const));
  return element(
    'section',
    {},
    element('h4', {}, TEXTS.verdict.holds),
    holds.length === 0 ? element('p', {}, TEXTS.verdict.nothing) : list(holds, claims),
    fallen.length === 0 ? undefined : element('h4', {}, TEXTS.verdict.fallen),
    fallen.length === 0 ? undefined : list(fallen, names),
  );
}

/** @param open shows a bundle of an archive */
export function wholeView(
  name: string,
  verified: Verified,
  trust: ChosenTrust,
  open: OpenMember,
): readonly Child[] {
  const { verdict, archive } = verified;
  return [
    remainderView(verdict),
    archive === undefined ? undefined : archiveView(archive, open),
    ...bundleViews(verified),
    element(
      'section',
      {},
      element('h4', {}, TEXTS.file.title),
      fileFacts(name, verified),
      foldedLater(TEXTS.raw, () => lines(JSON.stringify(verdict, null, 2))),
    ),
    yourself(name, verified, trust),
  ];
}

/** What a file says and rests on, without what is about the file itself. */
function bundleViews({ verdict, view }: Verified): readonly Child[] {
  return [
    view === undefined || view.chain.length === 0 ? undefined : chainView(view),
    ...(view === undefined ? [] : contentViews(view, verdict)),
    element('section', {}, element('h4', {}, TEXTS.checks.title), checksView(verdict.checks)),
  ];
}

/** One bundle of an archive. */
export function memberView(verified: Verified): readonly Child[] {
  return [verdictPair(verified), remainderView(verified.verdict), ...bundleViews(verified)];
}

function contentViews({ content, circuits, times, ideal }: EvidenceView, verdict: Verdict): readonly Child[] {
  const texts = TEXTS.says;
  const fails = verdict.verdict === 'fail';
  return [
    element(
      'section',
      {},
      element('h4', {}, texts.title),
      element('p', { class: fails ? 'fail' : 'soft' }, fails ? texts.fails : texts.own),
      definitions(content.facts.map(([name, text]) => [name, evidence(text)] as const)),
      ...content.results.map((result, at) => resultView(result, ideal[at])),
      content.more === 0 ? undefined : element('p', { class: 'soft' }, texts.more(content.more)),
    ),
    element(
      'section',
      {},
      element('h4', {}, TEXTS.circuit.title),
      ...(circuits.length === 0
        ? [element('p', { class: 'soft' }, TEXTS.circuit.none)]
        : circuits.map(circuitView)),
      ...content.circuits.map(({ title, text }) => folded(evidence(title), lines(text))),
    ),
    timesView(times, content),
  ];
}

function fileFacts(name: string, { digest, size, ms, verdict, view }: Verified): HTMLElement {
  const texts = TEXTS.file;
  const optional = (label: string, text: string | undefined): (readonly [string, Child])[] =>
    text === undefined ? [] : [[label, code(text)]];
  const parts = Object.entries(view?.parts ?? {}).map(([part, count]) => `${count} ${part}`);
  return definitions([
    ['', code(name)],
    [texts.digest, code(digest.replace('sha256:', ''))],
    [texts.size, `${size} bytes`],
    [texts.kind, [verdict.kind, verdict.version ?? ''].join(' ').trim()],
    ...optional(texts.record, verdict.record_id),
    ...optional(texts.hash, verdict.hash),
    ...(parts.length === 0 ? [] : [[texts.parts, parts.join(', ')] as const]),
    [texts.took, `${ms.toFixed(0)} ms`],
  ]);
}

/** Only a name that means the same to every shell stands in a command that someone may paste. */
const PLAIN_NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;

function yourself(name: string, { digest }: Verified, trust: ChosenTrust): HTMLElement {
  const file = PLAIN_NAME.test(name) ? name : 'FILE';
  const command = `qpoe verify ${flagOf(trust)}${file}\nsha256sum ${file}\n${digest.replace('sha256:', '')}`;
  return element(
    'section',
    {},
    element('h4', {}, TEXTS.yourself.title),
    element('p', {}, TEXTS.yourself.text),
    lines(command),
  );
}

function flagOf(trust: ChosenTrust): string {
  switch (trust.kind) {
    case 'nobody':
      return '';
    case 'unasked':
      return '--integrity-only ';
    case 'fingerprint':
      return `--signer ${trust.fingerprint} `;
    case 'policy':
      return `--policy ${PLAIN_NAME.test(trust.name) ? trust.name : 'trust.toml'} `;
  }
}
