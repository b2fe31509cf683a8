/** What an archive stands behind: what it claims and leaves out, and figure by figure its records, of which any can be opened. */

import type { ArchiveView, FigureView, MemberView } from './archive-verdict.ts';
import { button, type Child, code, definitions, element, evidence, foldedLater } from './dom.ts';
import { checkMark, outcomeMark } from './looks.ts';
import { TEXTS } from './texts.ts';

const texts = TEXTS.archive;

/** Judges a bundle once more, and shows all of it. */
export type OpenMember = (path: string) => Promise<readonly Child[]>;

/** So many records may stand open at first: a browser draws no 200,000 at once. */
const MOST_OPEN = 200;
const MOST_LOST = 20;

export function archiveView(archive: ArchiveView, open: OpenMember): HTMLElement {
  let left = MOST_OPEN;
  const figures = archive.figures.map((figure) => {
    const isOpen = figure.check.status !== 'pass' && figure.members.length <= left;
    if (isOpen) left -= figure.members.length;
    return figureView(figure, isOpen, open);
  });
  return element(
    'section',
    { class: 'archive' },
    element('h4', {}, texts.title),
    definitions(claimsOf(archive)),
    lackView(archive),
    ...figures,
  );
}

function claimsOf({ publication, records, figures }: ArchiveView): readonly (readonly [string, Child])[] {
  const { title, authors, license, date, doi, description } = publication;
  const optional = (name: string, text: string | undefined): (readonly [string, Child])[] =>
    text === undefined ? [] : [[name, evidence(text)]];
  const named = figures.flatMap(({ name }) => name ?? []);
  return [
    [texts.publication, evidence(title)],
    [texts.authors, evidence(authors.map(({ name }) => name).join('; '))],
    ...optional(texts.description, description),
    [texts.license, evidence(license)],
    [texts.date, evidence(date)],
    ...optional(texts.doi, doi),
    [texts.behind, evidence([texts.records(records), ...named].join(', '))],
  ];
}

/** Nothing where nothing is left out. */
function lackView({ lost, withheld, isAnonymous, external, figures }: ArchiveView): Child {
  const loose = figures.find(({ name }) => name === undefined)?.records ?? 0;
  const lacks = [
    ...lost.slice(0, MOST_LOST).map((path) => texts.lost(path)),
    ...(lost.length > MOST_LOST ? [texts.moreLost(lost.length - MOST_LOST)] : []),
    ...(withheld.length > 0 ? [texts.withheld(withheld.join(', '))] : []),
    ...(isAnonymous ? [texts.anonymous] : []),
    ...(external > 0 ? [texts.external(external)] : []),
    ...(loose > 0 ? [texts.loose(loose)] : []),
  ];
  if (lacks.length === 0) return undefined;
  return element(
    'div',
    { class: 'lacks' },
    element('h5', {}, texts.lacks),
    element('ul', {}, ...lacks.map((lack) => element('li', {}, evidence(lack)))),
  );
}

function figureView({ name, check, records, members }: FigureView, isOpen: boolean, open: OpenMember): Child {
  const title = element(
    'span',
    {},
    checkMark(check.status),
    ' ',
    element('strong', {}, name === undefined ? texts.noFigure : evidence(name)),
    ` · ${texts.records(records)}`,
  );
  const details = foldedLater(title, () => membersView(members, records - members.length, open));
  details.classList.add('figure');
  details.open = isOpen;
  const why = check.status === 'pass' ? undefined : element('p', { class: 'soft' }, evidence(check.evidence));
  return element('div', {}, details, why);
}

function membersView(members: readonly MemberView[], left: number, open: OpenMember): HTMLElement {
  return element(
    'div',
    {},
    element('ul', { class: 'files' }, ...members.map((member) => memberView(member, open))),
    left > 0 ? element('p', { class: 'soft' }, texts.more(left)) : undefined,
  );
}

function memberView({ id, path, outcome, why, isHere }: MemberView, open: OpenMember): HTMLElement {
  // Where what was asked for is read next.
  const place = element('div', { tabindex: '-1', class: 'member' });
  const show = button(
    texts.show,
    async () => {
      show.disabled = true;
      place.replaceChildren(...(await open(path)).filter((child) => child !== undefined));
      show.remove();
      place.focus();
    },
    'plain',
  );
  show.setAttribute('aria-label', `${texts.show}: ${id}`);
  return element(
    'li',
    {},
    element('p', {}, code(id), ' ', outcomeMark(outcome)),
    element('p', { class: 'soft' }, evidence(why)),
    isHere ? show : undefined,
    place,
  );
}
