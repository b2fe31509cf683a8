/** Declared, logged, witnessed, submitted, run, anchored: on one line, each with whose word it is. */

import type { EvidenceContent } from '../src/verify/evidence-content.ts';
import { definitions, element, evidence } from './dom.ts';
import { TEXTS } from './texts.ts';
import type { TimeMark } from './time-line.ts';

const texts = TEXTS.times;

export function timesView(times: readonly TimeMark[], content: EvidenceContent): HTMLElement {
  const line =
    times.length > 0
      ? element('ol', { class: 'times' }, ...times.map(markView))
      : definitions(content.times.map(([name, text]) => [name, evidence(text)] as const));
  return element(
    'section',
    {},
    element('h4', {}, texts.title),
    element('p', { class: 'soft' }, texts.lede),
    line,
  );
}

function markView({ name, time, source, held }: TimeMark): HTMLElement {
  const state = held === 'own' ? texts.own : texts.held[held];
  const look = held === 'pass' ? 'pass' : held === 'fail' ? 'fail' : 'soft';
  return element(
    'li',
    { class: `is-${look}` },
    element('strong', {}, TEXTS.timeNames[name]),
    time === undefined
      ? element('span', { class: 'soft' }, texts.none)
      : element('time', {}, evidence(plain(time))),
    element('span', { class: 'soft' }, evidence(source)),
    element('span', { class: look }, state),
  );
}

/** As people read it: the day, and the time to the second. */
function plain(time: string): string {
  return time.replace(/T(\d\d:\d\d:\d\d)(?:\.\d+)?Z/g, ' $1 UTC').replace(/ UTC – \d{4}-\d\d-\d\d /, '–');
}
