/** The walkthrough: first what one expects, then what the verifier says. Each step has an address of its own, #step=… */

import { STEPS, type Step, UNSEEN } from '../src/demo/steps.ts';
import type { Outcome } from '../src/verify/check.ts';
import { remainderView, verdictPair, wholeView } from './article-view.ts';
import { chainView } from './chain-view.ts';
import { checkView } from './checks-view.ts';
import { type Child, code, element, evidence, foldedLater } from './dom.ts';
import type { Change, StepTaken } from './protocol.ts';
import { TEXTS } from './texts.ts';
import type { Verifier } from './verifier.ts';
import { SAMPLE_POLICY } from './walkthrough.ts';

const texts = TEXTS.walkthrough;
const PREFIX = '#step=';

export interface WalkthroughPanel {
  readonly node: HTMLElement;
  /** To the step that the page's address names, if any. */
  follow(address: string): void;
}

export function walkthroughPanel(verifier: Verifier): WalkthroughPanel {
  const place = element('div', { class: 'step' }, element('p', {}, linkTo(STEPS[0]!, texts.begin, 'button')));
  const links = STEPS.map((step, at) => linkTo(step, String(at + 1), '', step.title));
  const nav = element(
    'nav',
    { 'aria-label': texts.steps },
    element('ol', { class: 'steps' }, ...links.map((link) => element('li', {}, link))),
  );
  return {
    node: element('div', {}, element('p', {}, texts.lede), nav, place),
    follow: (address) => {
      const at = STEPS.findIndex(({ id }) => `${PREFIX}${id}` === address);
      if (at < 0) return;
      for (const [other, link] of links.entries())
        if (other === at) link.setAttribute('aria-current', 'step');
        else link.removeAttribute('aria-current');
      const heading = element('h3', { tabindex: '-1' }, STEPS[at]!.title);
      place.replaceChildren(
        element('p', { class: 'soft' }, texts.at(at + 1, STEPS.length)),
        heading,
        question(at, verifier),
      );
      heading.focus();
    },
  };
}

function linkTo({ id }: Step, text: string, look: string, label?: string): HTMLAnchorElement {
  return element(
    'a',
    {
      href: `${PREFIX}${id}`,
      class: look,
      'aria-label': label === undefined ? undefined : `${text}. ${label}`,
      title: label,
    },
    text,
  );
}

const CHOICES: readonly Outcome[] = ['pass', 'fail', 'inconclusive'];

function question(at: number, verifier: Verifier): HTMLElement {
  const choices = CHOICES.map((outcome) =>
    element(
      'label',
      {},
      element('input', { type: 'radio', name: 'expected', value: outcome, required: '' }),
      ` ${TEXTS.verdict[outcome]}`,
    ),
  );
  const result = element('div', { role: 'status' });
  const form = element(
    'form',
    { class: 'ask' },
    element('fieldset', {}, element('legend', {}, texts.ask), ...choices),
    element('button', {}, texts.show),
  );
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const expected = new FormData(form).get('expected') as Outcome;
    result.replaceChildren(element('p', { class: 'busy' }, `${texts.working} …`));
    result.replaceChildren(...(await reveal(at, expected, verifier)).filter((child) => child !== undefined));
    result.querySelector<HTMLElement>('[tabindex="-1"]')?.focus();
  });
  return element('div', {}, form, result);
}

async function reveal(at: number, expected: Outcome, verifier: Verifier): Promise<readonly Child[]> {
  const step = STEPS[at]!;
  try {
    const answer = await verifier.ask<'step'>({ kind: 'step', step: step.id, sample: sampleText() });
    if (answer.kind !== 'step') throw new Error(answer.kind);
    return [...taken(step, expected, answer.taken), ...ending(at)];
  } catch (error) {
    return [element('p', { class: 'card is-broken' }, `${TEXTS.broken.title}: `, evidence(String(error)))];
  }
}

/** Read when it is first wanted: it is as long as all the rest of the page. */
function sampleText(): string {
  return document.getElementById('sample')!.textContent;
}

function taken(step: Step, expected: Outcome, result: StepTaken): readonly Child[] {
  const { verified, found, amiss, changes } = result;
  const right = verified.verdict.verdict === expected;
  return [
    element(
      'p',
      { class: 'headline', tabindex: '-1' },
      right ? texts.right : texts.wrong(TEXTS.verdict[expected]),
    ),
    element('p', {}, `${texts.expected}: `, step.expect),
    verdictPair(verified),
    amiss.length === 0 ? undefined : element('p', { class: 'fail' }, `${texts.amiss} ${amiss.join('; ')}`),
    element('section', {}, element('h4', {}, texts.why), element('p', {}, step.why)),
    element('section', {}, element('h4', {}, texts.changed), ...editsView(step, changes, result)),
    element('section', {}, element('h4', {}, texts.found), ...found.map(checkView)),
    remainderView(verified.verdict),
    verified.view && chainView(verified.view),
    foldedLater(texts.whole, () =>
      element(
        'div',
        {},
        ...wholeView(
          'demo.qpoe.json',
          verified,
          { kind: 'policy', name: SAMPLE_POLICY, toml: '' },
          // The sample is a bundle.
          async () => [],
        ).filter((child) => child !== undefined),
      ),
    ),
  ];
}

function editsView(
  { of = 'bundle' }: Step,
  changes: readonly Change[],
  { moreChanges, beside }: StepTaken,
): readonly Child[] {
  const isAnother = of !== 'bundle';
  if (isAnother && changes.length === 0) return [element('p', {}, texts.another)];
  return [
    isAnother ? element('p', {}, texts.another) : undefined,
    changes.length === 0
      ? element('p', {}, texts.unchanged)
      : element('dl', { class: 'edits' }, ...changes.flatMap(editView)),
    moreChanges === 0 ? undefined : element('p', { class: 'soft' }, texts.more(moreChanges)),
    beside.length === 0 ? undefined : element('p', {}, `${texts.beside} `, code(beside.join(', '))),
  ];
}

function editView({ path, before, after }: Change): readonly HTMLElement[] {
  return [
    element('dt', {}, code(path)),
    element(
      'dd',
      {},
      before === undefined ? undefined : element('del', {}, code(before)),
      ' ',
      after === undefined ? undefined : element('ins', {}, code(after)),
    ),
  ];
}

function ending(at: number): readonly Child[] {
  const next = STEPS[at + 1];
  if (next !== undefined) return [element('p', {}, linkTo(next, `${texts.next}: ${next.title}`, 'button'))];
  const unseen = UNSEEN.map(({ what, why }) => element('li', {}, element('strong', {}, what), `: ${why}`));
  return [
    element(
      'section',
      { class: 'card is-open' },
      element('h4', {}, texts.unseen),
      element('ul', {}, ...unseen),
    ),
    element('p', {}, linkTo(STEPS[0]!, texts.again, 'button')),
  ];
}
