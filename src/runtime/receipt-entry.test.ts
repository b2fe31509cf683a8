import { expect, it } from 'vitest';
import { entryTagged } from './receipt-entry.ts';

const leaf = 'ab'.repeat(32);
const rekor = { log: 'rekor.sigstore.dev', uuid: `${'0'.repeat(16)}${leaf}`, log_index: 7 };
const own = { log: 'a.qpoe.internal', log_index: 3 };

it('finds what a tag points at, by uuid with or without its tree, or by place', () => {
  const entries = [own, rekor];
  expect(entryTagged(entries, { uuid: rekor.uuid })).toBe(rekor);
  expect(entryTagged(entries, { uuid: leaf })).toBe(rekor);
  expect(entryTagged(entries, { log: own.log, log_index: 3 })).toBe(own);
});

it.each([
  [{ log: own.log, log_index: 4 }],
  [{ log: 'b.qpoe.internal', log_index: 3 }],
  [{ uuid: 'cd'.repeat(32) }],
  [{ uuid: `${'1'.repeat(16)}${leaf}` }],
])('takes nothing else for it: %o', (tagged) => {
  expect(entryTagged([own, rekor], tagged)).toBeUndefined();
});
