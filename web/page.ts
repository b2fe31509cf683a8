/** The page: evidence in, trust beside it, the verdict below, and the walkthrough. */

import { element } from './dom.ts';
import { evidencePanel } from './evidence-panel.ts';
import { resultsPanel } from './results-panel.ts';
import { TEXTS } from './texts.ts';
import { trustPanel } from './trust-panel.ts';
import { startVerifier } from './verifier.ts';
import { walkthroughPanel } from './walkthrough-panel.ts';

export function startPage(): void {
  // Now or never: once the script has run, it is no one's current script any more.
  const script = document.currentScript?.textContent ?? '';
  const version = document.querySelector<HTMLMetaElement>('meta[name="version"]')?.content ?? '';
  const main = document.querySelector('main')!;
  if (globalThis.crypto?.subtle === undefined) {
    main.replaceChildren(element('p', { class: 'card is-broken', role: 'alert' }, TEXTS.insecure));
    return;
  }
  const verifier = startVerifier(script);
  const trust = trustPanel(verifier, () => results.again());
  const results = resultsPanel(verifier, trust.chosen);
  const walkthrough = walkthroughPanel(verifier);
  const badge = element('span', { class: 'badge' }, TEXTS.walkthrough.badge);
  main.replaceChildren(
    element(
      'header',
      {},
      element('p', { class: 'brand' }, TEXTS.brand),
      element('h1', {}, TEXTS.title),
      element('p', { class: 'lede' }, TEXTS.lede),
      element('p', {}, element('a', { href: '#walkthrough' }, TEXTS.toWalkthrough)),
    ),
    section(
      'evidence',
      TEXTS.evidence.title,
      evidencePanel((files) => results.show(files)),
    ),
    section('trust', TEXTS.trust.title, trust.node),
    section('results', TEXTS.verdict.title, results.node),
    section('walkthrough', TEXTS.walkthrough.title, walkthrough.node, badge),
  );
  document.querySelector('footer')!.textContent = TEXTS.footer(version);
  const follow = (): void => walkthrough.follow(location.hash);
  addEventListener('hashchange', follow);
  follow();
}

function section(id: string, title: string, content: HTMLElement, badge?: HTMLElement): HTMLElement {
  const heading = element('h2', { id: `${id}-title` }, title, badge === undefined ? undefined : ' ', badge);
  return element('section', { id, 'aria-labelledby': `${id}-title` }, heading, content);
}
