import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromUtf8, utf8 } from '../core/bytes.ts';
import { MAX_NOTE_BYTES } from './note.ts';
import { formatLogProof, parseLogProof } from './proof.ts';

const HASH = 'gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=';
const CHECKPOINT = `example.com/fancylog\n109482\n${HASH}\n\n— example.com/fancylog Uw2QOkk=\n`;
const HEADER = 'c2sp.org/tlog-proof@v1\n';
const PROOF = `${HEADER}index 73894\n${HASH}\n${HASH}\n\n${CHECKPOINT}`;

const read = (text: string) => parseLogProof(utf8(text));

it.each([
  ['with hashes', PROOF],
  ['with none', `${HEADER}index 0\n\n${CHECKPOINT}`],
  ['with extra data', PROOF.replace('index', 'extra AAEC\nindex')],
  ['with extra data of no bytes', PROOF.replace('index', 'extra \nindex')],
  ['with 63 hashes', `${HEADER}index 9007199254740991\n${`${HASH}\n`.repeat(63)}\n${CHECKPOINT}`],
])('a proof %s is read and written again', (_, text) => {
  const { value } = read(text);
  expect(fromUtf8(formatLogProof(value!))).toBe(text);
  expect(fromUtf8(value!.checkpoint)).toBe(CHECKPOINT);
});

it('its parts are what its lines say', () => {
  const { value } = read(PROOF.replace('index', 'extra AAEC\nindex'));
  expect(value).toMatchObject({ index: 73894, extra: Uint8Array.of(0, 1, 2) });
  expect(value!.hashes).toHaveLength(2);
  expect(read(PROOF).value).not.toHaveProperty('extra');
});

describe('refused is', () => {
  it.each<[string, string, string]>([
    ['nothing', '', 'log-proof.syntax'],
    ['no checkpoint', PROOF.slice(0, PROOF.indexOf('\n\n')), 'log-proof.syntax'],
    ['another version', PROOF.replace('@v1', '@v2'), 'log-proof.header'],
    ['a byte order mark', `\ufeff${PROOF}`, 'log-proof.header'],
    ['a carriage return', PROOF.replace('\n', '\r\n'), 'log-proof.header'],
    ['a blank line at the top', `\n${PROOF}`, 'log-proof.header'],
    ['no index', PROOF.replace('index 73894\n', ''), 'log-proof.index'],
    ['an index of nothing', PROOF.replace('73894', ''), 'log-proof.index'],
    ['a leading zero', PROOF.replace('73894', '073894'), 'log-proof.index'],
    ['a negative index', PROOF.replace('73894', '-1'), 'log-proof.index'],
    ['an index of 2^53', PROOF.replace('73894', '9007199254740992'), 'log-proof.index'],
    ['two spaces', PROOF.replace('index ', 'index  '), 'log-proof.index'],
    ['another case', PROOF.replace('index', 'Index'), 'log-proof.index'],
    ['two indexes', PROOF.replace('index', 'index 1\nindex'), 'log-proof.hash'],
    ['extra data after the index', PROOF.replace('73894\n', '73894\nextra AAEC\n'), 'log-proof.hash'],
    ['two extra lines', PROOF.replace('index', 'extra AAEC\nextra AAEC\nindex'), 'log-proof.index'],
    ['extra data that is not base64', PROOF.replace('index', 'extra AAE\nindex'), 'log-proof.extra'],
    ['a short hash', PROOF.replace(HASH, HASH.slice(4)), 'log-proof.hash'],
    ['a hash without padding', PROOF.replace(HASH, HASH.slice(0, -1)), 'log-proof.hash'],
    ['a hash with stray bits', PROOF.replace('PlQ=', 'PlR='), 'log-proof.hash'],
    ['a space after a hash', PROOF.replace(HASH, `${HASH} `), 'log-proof.hash'],
    ['64 hashes', `${HEADER}index 1\n${`${HASH}\n`.repeat(64)}\n${CHECKPOINT}`, 'log-proof.count'],
    ['over 2 MB', PROOF.padEnd(2 * MAX_NOTE_BYTES + 1, 'a'), 'log-proof.size'],
  ])('%s', (_, text, code) => expect(read(text).code).toBe(code));

  it('what is not UTF-8', () =>
    expect(parseLogProof(Uint8Array.of(...utf8(PROOF), 0xff)).code).toBe('log-proof.utf8'));
});

it('is accepted only where formatting gives it back', () => {
  const parts = fc.constantFrom(
    HEADER,
    'index 1\n',
    'index 0',
    'extra AAEC\n',
    `${HASH}\n`,
    '\n',
    CHECKPOINT,
    ' ',
    'x',
  );
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 7 }), (pieces) => {
      const text = HEADER + pieces.join('');
      const { value } = read(text);
      if (value !== undefined) expect(fromUtf8(formatLogProof(value))).toBe(text);
    }),
    { numRuns: 3000 },
  );
});
