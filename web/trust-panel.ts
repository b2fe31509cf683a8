/** Whom the person trusts: chosen by an act of its own, and shown with the fingerprints that one compares. */

import { button, type Child, code, definitions, element, evidence, folded, lines } from './dom.ts';
import type { ChosenTrust, PolicyView } from './protocol.ts';
import { TEXTS } from './texts.ts';
import type { Verifier } from './verifier.ts';

const texts = TEXTS.trust;

export interface TrustPanel {
  readonly node: HTMLElement;
  chosen(): ChosenTrust;
}

/** A policy is some kilobytes. */
const MAX_POLICY_BYTES = 1_000_000;

/** @param changed after each choice */
export function trustPanel(verifier: Verifier, changed: () => void): TrustPanel {
  let trust: ChosenTrust = { kind: 'nobody' };
  const shown = element('div', { class: 'trusted', role: 'status' }, texts.none);
  const choose = (chosen: ChosenTrust, ...said: readonly Child[]): void => {
    trust = chosen;
    shown.replaceChildren(...said.filter((child) => child !== undefined));
    changed();
  };
  const refuse = (reason: string): void =>
    shown.replaceChildren(element('p', { class: 'fail', role: 'alert' }, evidence(reason)));
  return {
    chosen: () => trust,
    node: element(
      'div',
      {},
      element('p', {}, texts.ask),
      element(
        'div',
        { class: 'choices' },
        policyChoice(verifier, choose, refuse),
        fingerprintChoice(verifier, choose, refuse),
        element(
          'div',
          { class: 'others' },
          button(texts.unasked, () => choose({ kind: 'unasked' }, texts.isUnasked), 'plain'),
          button(texts.forget, () => choose({ kind: 'nobody' }, texts.none), 'plain'),
        ),
      ),
      shown,
    ),
  };
}

type Choose = (chosen: ChosenTrust, ...said: readonly Child[]) => void;
type Refuse = (reason: string) => void;

function policyChoice(verifier: Verifier, choose: Choose, refuse: Refuse): HTMLElement {
  const input = element('input', { type: 'file', accept: '.toml', class: 'hidden', id: 'policy' });
  input.addEventListener('change', async () => {
    const [file] = input.files ?? [];
    if (file === undefined) return;
    if (file.size > MAX_POLICY_BYTES) return refuse(TEXTS.tooLarge(file.size, MAX_POLICY_BYTES));
    const toml = await file.text();
    const answer = await verifier.ask<'policy'>({ kind: 'policy', name: file.name, toml });
    // The same file can be chosen again, once it has been corrected.
    input.value = '';
    if (answer.kind === 'policy')
      choose({ kind: 'policy', name: file.name, toml }, ...policyView(answer.policy, file.name));
    else if (answer.kind === 'refused') refuse(answer.reason);
  });
  return element('label', { class: 'file' }, input, element('span', { class: 'button' }, texts.policy));
}

function fingerprintChoice(verifier: Verifier, choose: Choose, refuse: Refuse): HTMLElement {
  const input = element('input', {
    id: 'fingerprint',
    autocomplete: 'off',
    spellcheck: 'false',
    placeholder: 'sha256:…',
  });
  const form = element(
    'form',
    {},
    element('label', { for: 'fingerprint' }, texts.fingerprint),
    element('div', { class: 'row' }, input, element('button', {}, texts.fingerprintButton)),
  );
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const answer = await verifier.ask<'fingerprint'>({ kind: 'fingerprint', text: input.value });
    if (answer.kind === 'refused') return refuse(`${answer.reason}: ${answer.hint ?? ''}`);
    if (answer.kind !== 'fingerprint') return;
    const { fingerprint } = answer;
    choose(
      { kind: 'fingerprint', fingerprint },
      element('p', {}, texts.isFingerprint, ' ', code(fingerprint)),
    );
  });
  return form;
}

function policyView({ signers, words, digest, unused }: PolicyView, name: string): readonly Child[] {
  return [
    element('p', {}, texts.isPolicy, ' ', code(name)),
    element('p', { class: 'soft' }, code(digest)),
    ...(signers.length === 0 ? [element('p', {}, texts.noSigner)] : signers.map(signerView)),
    ...(unused.length === 0
      ? []
      : [
          element('p', {}, texts.unusedTitle),
          element('ul', {}, ...unused.map((what) => element('li', {}, texts.unused[what]))),
        ]),
    folded(texts.words, lines(words.join('\n'))),
  ];
}

function signerView({ name, prints }: PolicyView['signers'][number]): HTMLElement {
  const entries = Object.entries(prints).map(
    ([of, print]) => [of.replaceAll('_', '-'), code(print)] as const,
  );
  return element(
    'div',
    { class: 'signer' },
    element('p', {}, element('strong', {}, evidence(name))),
    definitions(entries),
  );
}
