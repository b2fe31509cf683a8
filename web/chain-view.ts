/** The proof chain as an ordered list; the log's link unfolds hash by hash. */

import { checkView } from './checks-view.ts';
import { code, element, folded, lines } from './dom.ts';
import type { EvidenceView } from './evidence-view.ts';
import { linkMark } from './looks.ts';
import type { MerklePath } from './merkle-path.ts';
import type { ChainLink } from './proof-chain.ts';
import { TEXTS } from './texts.ts';

const texts = TEXTS.chain;

export function chainView({ chain, merkle }: Pick<EvidenceView, 'chain' | 'merkle'>): HTMLElement {
  const links = chain.map((link) => linkView(link, merkle));
  return element(
    'section',
    { class: 'chain' },
    element('h4', {}, texts.title),
    element('p', { class: 'soft' }, texts.lede),
    element('ol', {}, ...links),
  );
}

function linkView(link: ChainLink, merkle: MerklePath | undefined): HTMLElement {
  const { name, status, value, checks } = link;
  const passed = checks.filter((check) => check.status === 'pass').length;
  const summary = element('span', {}, texts.checks(passed, checks.length));
  return element(
    'li',
    { class: `link is-${status}` },
    element('p', { class: 'name' }, element('strong', {}, TEXTS.links[name]), ' ', linkMark(status)),
    value === undefined ? undefined : element('p', { class: 'value' }, code(value)),
    folded(summary, ...checks.map(checkView)),
    merkle !== undefined && name === 'leaf' ? pathView(merkle) : undefined,
    merkle !== undefined && name === 'checkpoint'
      ? folded(texts.checkpoint, lines(merkle.checkpoint))
      : undefined,
  );
}

/** A step at a time: what is hashed with what, and what it gives. */
function pathView({ index, size, leaf, steps, arrives }: MerklePath): HTMLElement {
  const end = steps.length === 0 ? texts.single : arrives ? texts.arrives : texts.astray;
  return folded(
    texts.path(index, size),
    element(
      'ol',
      { class: 'path', start: '0' },
      element('li', {}, texts.leaf, element('br'), code(leaf)),
      ...steps.map(({ side, sibling, hash }) => stepView(side, sibling, hash)),
    ),
    element('p', { class: arrives ? 'pass' : 'fail' }, end),
  );
}

function stepView(side: 'left' | 'right', sibling: string, hash: string): HTMLElement {
  return element(
    'li',
    {},
    folded(
      element('span', {}, texts.step[side], element('br'), code(hash)),
      element('p', {}, `${texts.sibling} `, code(sibling)),
    ),
  );
}
