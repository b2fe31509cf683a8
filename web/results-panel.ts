/** What was given, file by file: read, verified one after another, and shown. Verified again whenever trust changes. */

import { WRAPPED } from '../src/core/json.ts';
import { isZipLike } from '../src/publish/zip-layout.ts';
import type { OpenMember } from './archive-view.ts';
import { memberView, verdictPair, wholeView } from './article-view.ts';
import { button, type Child, element, evidence } from './dom.ts';
import type { GivenFile } from './evidence-panel.ts';
import { outcomeMark } from './looks.ts';
import type { Answer, ChosenTrust, Progress, Verified } from './protocol.ts';
import { TEXTS } from './texts.ts';
import { BrokenVerifier, type Verifier } from './verifier.ts';

type State =
  | { readonly kind: 'reading' }
  | { readonly kind: 'checking'; readonly progress?: ProgressView }
  | {
      readonly kind: 'verified';
      readonly verified: Verified;
      readonly trust: ChosenTrust;
      readonly open: OpenMember;
    }
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
    const stop = (): void => {
      run++;
      for (const item of items)
        if (item.state.kind === 'checking') render(item, { kind: 'refused', reason: TEXTS.stopped });
      status.textContent = conclusion(items);
      status.focus();
    };
    for (const [at, item] of items.entries()) {
      const isWanted = (progress: Progress): boolean => {
        if (own === run) showProgress(item, progress, stop);
        return own === run;
      };
      const state = await verifyItem(item, items, verifier, trust(), isWanted);
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
  isWanted: (progress: Progress) => boolean,
): Promise<State> {
  if (file === undefined) return { kind: 'refused', reason: TEXTS.folder };
  const ask = async (member?: string): Promise<State> => {
    const [bytes, beside] = await Promise.all([bytesOf(file), findBeside(name, items)]);
    const asked = {
      kind: 'verify',
      bytes,
      trust,
      beside,
      ...(member === undefined ? {} : { member }),
    } as const;
    return stateOf(await verifier.ask<'verify'>(asked, isWanted), trust, open);
  };
  const open: OpenMember = async (path) => memberOf(path, await attempt(() => ask(path)));
  return attempt(async () => {
    const limit = await limitOf(file);
    return file.size > limit ? { kind: 'refused', reason: TEXTS.tooLarge(file.size, limit) } : ask();
  });
}

function memberOf(path: string, state: State): readonly Child[] {
  return state.kind === 'verified' ? memberView(state.verified) : contentOf(path, state);
}

function stateOf(answer: Answer, trust: ChosenTrust, open: OpenMember): State {
  if (answer.kind === 'verified') return { kind: 'verified', verified: answer.verified, trust, open };
  if (answer.kind === 'refused') return { kind: 'refused', reason: answer.reason };
  throw new BrokenVerifier(`answered ${answer.kind}`);
}

/** What a browser can't read was not verified; whatever else throws is a fault of this program. */
async function attempt(verify: () => Promise<State>): Promise<State> {
  try {
    return await verify();
  } catch (error) {
    if (error instanceof DOMException)
      return { kind: 'refused', reason: `${TEXTS.unreadable}: ${error.message}` };
    return { kind: 'broken', reason: String(error) };
  }
}

/** What a browser still holds in one piece, and its worker once more. */
const MAX_ARCHIVE_BYTES = 500_000_000;

/** By its first bytes: only a zip may be larger than any document. */
async function limitOf(file: Blob): Promise<number> {
  return isZipLike(await bytesOf(file.slice(0, 4))) ? MAX_ARCHIVE_BYTES : WRAPPED.bytes;
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
        ...wholeView(name, state.verified, state.trust, state.open),
      ];
    case 'checking':
      return [element('p', { class: 'busy' }, `${TEXTS.status.checking} …`), state.progress?.node];
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

interface ProgressView {
  readonly node: HTMLElement;
  show(progress: Progress): void;
}

/** Made once and then changed: what is replaced at every step can't be clicked. */
function showProgress(item: Item, progress: Progress, stop: () => void): void {
  const shown = item.state.kind === 'checking' ? item.state.progress : undefined;
  const view = shown ?? progressView(stop);
  view.show(progress);
  if (shown === undefined) render(item, { kind: 'checking', progress: view });
}

/** Beside the status, which would be read out at every step. */
function progressView(stop: () => void): ProgressView {
  const bar = element('progress');
  const said = element('span');
  return {
    node: element('p', { class: 'progress' }, bar, ' ', said, ' ', button(TEXTS.archive.stop, stop, 'plain')),
    show: ({ done, all }) => {
      bar.max = all;
      bar.value = done;
      said.textContent = TEXTS.archive.progress(done, all);
      bar.setAttribute('aria-label', said.textContent);
    },
  };
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
