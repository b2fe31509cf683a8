/** What was given, file by file: read, verified one after another, and shown. Verified again whenever trust changes. */

import { WRAPPED } from '../src/core/json.ts';
import { verdictPair, wholeView } from './article-view.ts';
import { type Child, element, evidence } from './dom.ts';
import type { GivenFile } from './evidence-panel.ts';
import { outcomeMark } from './looks.ts';
import type { ChosenTrust, Verified } from './protocol.ts';
import { TEXTS } from './texts.ts';
import { BrokenVerifier, type Verifier } from './verifier.ts';

type State =
  | { readonly kind: 'reading' | 'checking' }
  | { readonly kind: 'verified'; readonly verified: Verified; readonly trust: ChosenTrust }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'broken'; readonly reason: string };

interface Item {
  readonly name: string;
  readonly file: Blob | undefined;
  readonly article: HTMLElement;
  /** In the list of several. */
  readonly row: HTMLElement;
  state: State;
}

export interface ResultsPanel {
  readonly node: HTMLElement;
  /** In the place of what was there. */
  show(files: readonly GivenFile[]): Promise<void>;
  again(): Promise<void>;
}

export function resultsPanel(verifier: Verifier, trust: () => ChosenTrust): ResultsPanel {
  const status = element('p', { role: 'status', class: 'say', tabindex: '-1' }, TEXTS.status.empty);
  const list = element('ol', { class: 'files' });
  const articles = element('div');
  let items: readonly Item[] = [];
  let run = 0;
  const verifyAll = async (): Promise<void> => {
    // What was given meanwhile, or trusted, has a run of its own.
    const own = ++run;
    for (const item of items) render(item, { kind: 'checking' });
    status.textContent = TEXTS.status.checking;
    for (const [at, item] of items.entries()) {
      const state = await verifyItem(item, items, verifier, trust());
      if (own !== run) return;
      render(item, state);
      status.textContent = at + 1 < items.length ? TEXTS.status.of(at + 1, items.length) : conclusion(items);
    }
    if (items.length > 0) status.focus();
  };
  return {
    node: element('div', {}, status, list, articles),
    show: async (files) => {
      items = files.map(newItem);
      list.replaceChildren(...(items.length > 1 ? items.map(({ row }) => row) : []));
      articles.replaceChildren(...items.map(({ article }) => article));
      await verifyAll();
    },
    again: verifyAll,
  };
}

function newItem({ name, file }: GivenFile, at: number): Item {
  const article = element('article', { id: `file-${at + 1}`, 'aria-busy': 'true' });
  return { name, file, article, row: element('li'), state: { kind: 'reading' } };
}

/** The whole of it in one sentence, for those who hear the page. */
function conclusion(items: readonly Item[]): string {
  const [first] = items;
  if (items.length === 1) return sentenceOf(first!.state);
  const words = Map.groupBy(items, ({ state }) => wordOf(state));
  return [...words].map(([word, of]) => `${of.length} × ${word}`).join(', ');
}

/** The headline, which says pass or fail itself where it is one of a policy's. */
function sentenceOf(state: State): string {
  if (state.kind !== 'verified') return wordOf(state);
  const { headline } = state.verified.verdict;
  return /^(PASS|FAIL)/.test(headline) ? headline : `${wordOf(state)}: ${headline}`;
}

function wordOf(state: State): string {
  switch (state.kind) {
    case 'verified':
      return TEXTS.verdict[state.verified.verdict.verdict];
    case 'refused':
      return TEXTS.refused;
    case 'broken':
      return TEXTS.broken.title;
    default:
      return TEXTS.status[state.kind];
  }
}

async function verifyItem(
  { name, file }: Item,
  items: readonly Item[],
  verifier: Verifier,
  trust: ChosenTrust,
): Promise<State> {
  if (file === undefined) return { kind: 'refused', reason: TEXTS.folder };
  if (file.size > WRAPPED.bytes) return { kind: 'refused', reason: TEXTS.tooLarge(file.size, WRAPPED.bytes) };
  try {
    const [bytes, beside] = await Promise.all([bytesOf(file), findBeside(name, items)]);
    const answer = await verifier.ask<'verify'>({ kind: 'verify', bytes, trust, beside });
    if (answer.kind === 'verified') return { kind: 'verified', verified: answer.verified, trust };
    if (answer.kind === 'refused') return { kind: 'refused', reason: answer.reason };
    throw new BrokenVerifier(`answered ${answer.kind}`);
  } catch (error) {
    if (error instanceof DOMException)
      return { kind: 'refused', reason: `${TEXTS.unreadable}: ${error.message}` };
    return { kind: 'broken', reason: String(error) };
  }
}

async function bytesOf(file: Blob): Promise<Uint8Array> {
  return new Uint8Array(await file.arrayBuffer());
}

const SIGNATURES = ['.sigstore', '.sigstore.json'];

/** As on the command line, among what was given at once: a file's signature, or the file that a signature is of. */
async function findBeside(name: string, items: readonly Item[]): Promise<Uint8Array | undefined> {
  const suffix = SIGNATURES.find((ending) => name.endsWith(ending));
  const names = name.endsWith('.cbor')
    ? [`${name.slice(0, -'.cbor'.length)}.json`]
    : suffix === undefined
      ? SIGNATURES.map((ending) => name + ending)
      : [name.slice(0, -suffix.length)];
  const found = names
    .map((one) => items.find((item) => item.name === one))
    .find((item) => item?.file !== undefined);
  return found?.file && found.file.size <= WRAPPED.bytes ? bytesOf(found.file) : undefined;
}

/** Whose names say that they decide whom someone trusts: in evidence they decide nothing. */
const TRUST_FILES = ['trust.toml', 'config.toml'];

function render(item: Item, state: State): void {
  item.state = state;
  const { name, article, row } = item;
  const busy = state.kind === 'reading' || state.kind === 'checking';
  article.setAttribute('aria-busy', String(busy));
  article.replaceChildren(
    element('h3', {}, evidence(name)),
    ...contentOf(name, state).filter((child) => child !== undefined),
  );
  row.replaceChildren(element('a', { href: `#${article.id}` }, evidence(name)), ' ', markOf(state));
}

function markOf(state: State): HTMLElement {
  return state.kind === 'verified'
    ? outcomeMark(state.verified.verdict.verdict)
    : element('span', { class: 'word soft' }, wordOf(state));
}

function contentOf(name: string, state: State): readonly Child[] {
  switch (state.kind) {
    case 'verified':
      return [
        verdictPair(state.verified),
        TRUST_FILES.includes(name) ? element('p', {}, TEXTS.trustFile) : undefined,
        ...wholeView(name, state.verified, state.trust),
      ];
    case 'refused':
      return [card('refused', TEXTS.refused, evidence(state.reason))];
    case 'broken':
      return [
        card(
          'broken',
          TEXTS.broken.title,
          element('span', {}, TEXTS.broken.text),
          element('p', { class: 'soft' }, evidence(state.reason)),
        ),
      ];
    default:
      return [element('p', { class: 'busy' }, `${TEXTS.status[state.kind]} …`)];
  }
}

/** Neither of the verdicts' looks: what was not verified neither passed nor failed. */
function card(look: 'refused' | 'broken', title: string, ...content: readonly Child[]): HTMLElement {
  const mark = element(
    'span',
    { class: 'word' },
    element('span', { class: 'glyph', 'aria-hidden': 'true' }, look === 'broken' ? '⚠' : '–'),
    ' ',
    title,
  );
  return element(
    'section',
    { class: `card is-${look}` },
    element('p', {}, mark),
    element('p', {}, ...content),
  );
}
