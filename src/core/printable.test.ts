import { expect, it } from 'vitest';
import { printable } from './printable.ts';

it.each([
  ['\r\u001b[32mPASS', '\\u{d}\\u{1b}[32mPASS'],
  ['a\nPASS', 'a\\u{a}PASS'],
  ['\u202eSSAP', '\\u{202e}SSAP'],
  ['\u2066\u2069\u200f\ufeff', '\\u{2066}\\u{2069}\\u{200f}\\u{feff}'],
  ['\u2028\u0085\u009b31m', '\\u{2028}\\u{85}\\u{9b}31m'],
  ['\ud800', '\\u{d800}'],
  ['ψ⟩ ½ é 量子', 'ψ⟩ ½ é 量子'],
])('shows %j as %j', (text, shown) => expect(printable(text)).toBe(shown));

it('cuts what is long', () => expect(printable('a'.repeat(500), 10)).toBe('aaaaaaaaaa…'));
