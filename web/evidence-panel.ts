/** Where evidence comes in: dropped, chosen or pasted. Nothing that comes in here is ever taken for a policy. */

import { element, folded } from './dom.ts';
import { TEXTS } from './texts.ts';

const texts = TEXTS.evidence;

export interface GivenFile {
  readonly name: string;
  /** Undefined for a folder. */
  readonly file?: Blob;
}

export function evidencePanel(give: (files: readonly GivenFile[]) => void): HTMLElement {
  const input = element('input', { type: 'file', multiple: '', class: 'hidden', id: 'files' });
  input.addEventListener('change', () => {
    give([...(input.files ?? [])].map((file) => ({ name: file.name, file })));
    // The same file again is verified again.
    input.value = '';
  });
  const area = element(
    'label',
    { class: 'drop' },
    input,
    element('strong', { class: 'button' }, texts.choose),
    ' ',
    texts.drop,
  );
  takeDrops(area, give);
  return element('div', {}, area, pasteBox(give));
}

/** Also beside the area: a browser would open what is dropped there, and leave the page. */
function takeDrops(area: HTMLElement, give: (files: readonly GivenFile[]) => void): void {
  const mark = (on: boolean) => (event: DragEvent) => {
    event.preventDefault();
    area.classList.toggle('is-over', on);
  };
  document.addEventListener('dragover', mark(true));
  document.addEventListener('dragleave', mark(false));
  document.addEventListener('drop', (event) => {
    mark(false)(event);
    give(filesOf(event.dataTransfer));
  });
}

function filesOf(transfer: DataTransfer | null): GivenFile[] {
  return [...(transfer?.items ?? [])].flatMap((item) => {
    const entry = item.webkitGetAsEntry?.();
    if (entry?.isDirectory === true) return [{ name: entry.name }];
    const file = item.getAsFile();
    return file === null ? [] : [{ name: file.name, file }];
  });
}

function pasteBox(give: (files: readonly GivenFile[]) => void): HTMLElement {
  const text = element('textarea', { id: 'paste', rows: '6', spellcheck: 'false', autocomplete: 'off' });
  const form = element(
    'form',
    {},
    element('label', { for: 'paste' }, texts.pasteLabel),
    text,
    element('button', {}, texts.pasteButton),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    give([{ name: texts.pasted, file: new Blob([text.value]) }]);
  });
  return folded(texts.paste, form);
}
