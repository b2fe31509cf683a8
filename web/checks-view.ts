/** Every check of a verdict by layer, each with what it is worth. */

import type { Check } from '../src/verify/check.ts';
import { explain, failingOf } from '../src/verify/explanations.ts';
import { presentLayers } from '../src/verify/layers.ts';
import { type Child, definitions, element, evidence, foldedLater } from './dom.ts';
import { checkMark } from './looks.ts';
import { TEXTS } from './texts.ts';

/** Far more than a person reads. */
const MOST_CHECKS = 400;

export function checksView(checks: readonly Check[]): HTMLElement {
  const layers = presentLayers(checks.slice(0, MOST_CHECKS)).map(({ title, checks: own }) =>
    element(
      'section',
      {},
      element('h5', {}, title),
      ...own.flatMap((check, at) => [partOf(check, own[at - 1]), checkView(check)]),
    ),
  );
  return element('div', { class: 'layers' }, ...layers);
}

function partOf({ part }: Check, before: Check | undefined): Child {
  return part === undefined || part === before?.part
    ? undefined
    : element('p', { class: 'part' }, evidence(part));
}

export function checkView(check: Check): HTMLElement {
  const title = element(
    'span',
    {},
    checkMark(check.status),
    ' ',
    check.claim,
    ' ',
    element('code', { class: 'soft' }, check.id),
  );
  const details = foldedLater(title, () => worthOf(check));
  details.classList.add('check');
  // What doesn't pass is read first.
  details.open = ['fail', 'unknown', 'missing'].includes(check.status);
  return details;
}

function worthOf(check: Check): HTMLElement {
  const texts = TEXTS.checks;
  const worth = explain(check.id);
  const failing = worth && failingOf(check, worth);
  const entries: (readonly [string, Child])[] = [
    [texts.evidence, evidence(check.evidence)],
    [texts.reliesOn, evidence(check.relies_on)],
  ];
  if (check.hint !== undefined) entries.push([texts.hint, evidence(check.hint)]);
  if (failing !== undefined) entries.push([texts.means, failing.means], [texts.advice, failing.then]);
  if (worth !== undefined) entries.push([texts.proves, worth.proves], [texts.not, worth.not_proven]);
  return definitions(entries);
}
