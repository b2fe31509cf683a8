/** How a status looks: a glyph, a word and a colour, never a colour alone. */

import type { CheckStatus, Outcome } from '../src/verify/check.ts';
import { element } from './dom.ts';
import type { LinkStatus } from './proof-chain.ts';
import { TEXTS } from './texts.ts';

type Look = readonly [glyph: string, colour: 'pass' | 'fail' | 'unsure' | 'soft'];

const CHECKS: Readonly<Record<CheckStatus, Look>> = {
  pass: ['✓', 'pass'],
  fail: ['✗', 'fail'],
  unknown: ['?', 'unsure'],
  missing: ['!', 'unsure'],
  absent: ['·', 'soft'],
  skipped: ['–', 'soft'],
};

const LINKS: Readonly<Record<LinkStatus, Look>> = {
  pass: ['✓', 'pass'],
  fail: ['✗', 'fail'],
  unsure: ['?', 'unsure'],
  broken: ['–', 'soft'],
  absent: ['·', 'soft'],
};

export const OUTCOMES: Readonly<Record<Outcome, Look>> = {
  pass: ['✓', 'pass'],
  fail: ['✗', 'fail'],
  inconclusive: ['?', 'unsure'],
};

function marked([glyph, colour]: Look, word: string, name: string): HTMLElement {
  const mark = element('span', { 'aria-hidden': 'true', class: 'glyph' }, glyph);
  return element('span', { class: `${name} ${colour}` }, mark, ' ', word);
}

export const checkMark = (status: CheckStatus): HTMLElement => marked(CHECKS[status], status, 'status');
export const linkMark = (status: LinkStatus): HTMLElement =>
  marked(LINKS[status], TEXTS.linkStatus[status], 'status');
export const outcomeMark = (outcome: Outcome): HTMLElement =>
  marked(OUTCOMES[outcome], TEXTS.verdict[outcome], 'word');
