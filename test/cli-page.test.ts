/** `qpoe verify --page`: the page itself, to the byte, and its digest. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { digestOf } from '../src/core/digest.ts';
import { newPlace } from './cli.ts';

const page = readFileSync(join(import.meta.dirname, '../dist/verifier.html'), 'utf8');

it('prints the page, or writes it, and says its digest', () => {
  const place = newPlace();
  const digest = digestOf(Buffer.from(page));
  expect(place.qpoe('verify', '--page')).toEqual({ code: 0, stdout: page, stderr: `page    ${digest}\n` });
  expect(place.qpoe('verify', '--page', '-q', '--out', 'verifier.html')).toEqual({
    code: 0,
    stdout: '',
    stderr: '',
  });
  expect(readFileSync(place.path('verifier.html'), 'utf8')).toBe(page);
  const answer = JSON.parse(place.qpoe('verify', '--page', '--json').stdout);
  expect(answer).toMatchObject({ digest, size: Buffer.byteLength(page) });
});

it('verifies nothing', () => {
  const { code, stdout, stderr } = newPlace().qpoe('verify', '--page', 'record.json');
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain('--page takes no files');
});

it('is one file that asks for nothing else', () => {
  expect(page).toMatch(
    /content="default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; worker-src blob:; connect-src 'none'/,
  );
  expect(page).not.toMatch(
    /<(?:link|img|iframe)\b| on[a-z]+="| src=| style="|https?:\/\/(?!www\.w3\.org)[a-z.]+\/[^"]*\.(?:js|css)/,
  );
});
