/** Elements, made one by one: text is only ever text, so that nothing in evidence can become markup. */

import { escapeUnsafe, printable } from '../src/core/printable.ts';

export type Child = Node | string | undefined;
export type Attributes = Readonly<Record<string, string | undefined>>;

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  return fill(document.createElement(tag), attributes, children);
}

const SVG = 'http://www.w3.org/2000/svg';

export function svg(tag: string, attributes: Attributes = {}, ...children: readonly Child[]): SVGElement {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill<E extends Element>(made: E, attributes: Attributes, children: readonly Child[]): E {
  for (const [name, value] of Object.entries(attributes))
    if (value !== undefined) made.setAttribute(name, value);
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

export function button(text: string, act: () => void, look = ''): HTMLButtonElement {
  const made = element('button', { type: 'button', class: look }, text);
  made.addEventListener('click', act);
  return made;
}

/** One line of evidence: nothing in it hides, reorders or leaves its place. */
export function evidence(text: string, limit = 1000): HTMLElement {
  return element('bdi', {}, printable(text, limit));
}

export function code(text: string, limit = 1000): HTMLElement {
  return element('code', {}, evidence(text, limit));
}

/** Several lines of evidence: line ends and tabs stay, whatever else is unsafe is shown as its escape. */
export function lines(text: string): HTMLElement {
  const safe = text
    .split(/([\n\t])/)
    .map((piece) =>
      piece === '\n' || piece === '\t' ? piece : escapeUnsafe(piece, (unit) => `\\u{${unit.toString(16)}}`),
    );
  // Longer than the window is scrolled, by keyboard too.
  return element('pre', { tabindex: '0' }, safe.join(''));
}

export function definitions(entries: readonly (readonly [name: string, value: Child])[]): HTMLElement {
  return element(
    'dl',
    {},
    ...entries.flatMap(([name, value]) => [element('dt', {}, name), element('dd', {}, value)]),
  );
}

export function folded(title: Child, ...content: readonly Child[]): HTMLDetailsElement {
  return element('details', {}, element('summary', {}, title), ...content);
}

/** Made when it is opened first. */
export function foldedLater(title: Child, make: () => Child): HTMLDetailsElement {
  const details = folded(title);
  details.addEventListener('toggle', () => details.append(make() ?? ''), { once: true });
  return details;
}
