import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newMlDsaWitness, newTestLog, newWitness } from '../../test/cosigners.ts';
import { utf8 } from '../core/bytes.ts';
import { parseTlogPolicy } from './tlog-policy.ts';
import { formatVkey, makeVkey, type Vkey } from './vkey.ts';

const seeds = [1, 2, 3, 4].map((byte) => new Uint8Array(32).fill(byte));
const log = formatVkey(newTestLog('log.example', seeds[0]).vkey);
const [w1, w2, w3, w4] = seeds.map((seed, i) => newWitness(`w${i + 1}.example`, seed).vkey) as [
  Vkey,
  Vkey,
  Vkey,
  Vkey,
];
const WITNESSES = [w1, w2, w3, w4].map((vkey, i) => `witness W${i + 1} ${formatVkey(vkey)}\n`).join('');

const read = (policy: string) => parseTlogPolicy(utf8(policy));
const rule = (lines: string) => {
  const { value, fault } = read(`${WITNESSES}${lines}`);
  return fault ?? [value.quorum, ...value.witnesses.map(({ vkey }) => vkey.name.slice(0, 2))];
};

describe('a policy', () => {
  it('is read whole: logs, witnesses, URLs, comments, blanks', () => {
    const { value } = read(
      `# ours\n\n \t log  ${log}\thttps://log.example/ \n${WITNESSES}` +
        `witness Ü ${formatVkey(newMlDsaWitness('pq.example', seeds[3]).vkey)} https://pq.example/w\n` +
        '  # a group\ngroup g 2 W1 W2 Ü\nquorum g\n',
    );
    expect(value!.logs).toMatchObject([{ vkey: { name: 'log.example' }, url: 'https://log.example/' }]);
    expect(value!.witnesses.map(({ vkey, url }) => [vkey.name, url])).toEqual([
      ['w1.example', undefined],
      ['w2.example', undefined],
      ['pq.example', 'https://pq.example/w'],
    ]);
    expect(value!.quorum).toBe(2);
  });

  it('may name no log, and ask for no one', () => {
    expect(read('quorum none\n').value).toEqual({ logs: [], witnesses: [], quorum: 0 });
  });

  it.each<[string, string, readonly unknown[]]>([
    ['one witness', 'quorum W2\n', [1, 'w2']],
    ['any', 'group g any W1 W2\nquorum g\n', [1, 'w1', 'w2']],
    ['all', 'group g all W1 W2 W3\nquorum g\n', [3, 'w1', 'w2', 'w3']],
    ['a number', 'group g 2 W3 W1 W2\nquorum g\n', [2, 'w3', 'w1', 'w2']],
    ['a group of one group', 'group g 2 W1 W2 W3\ngroup h all g\nquorum h\n', [2, 'w1', 'w2', 'w3']],
    ['all of all', 'group g all W1 W2\ngroup h all g W3\nquorum h\n', [3, 'w1', 'w2', 'w3']],
    ['any of any', 'group g any W1 W2\ngroup h any g W3\nquorum h\n', [1, 'w1', 'w2', 'w3']],
    ['groups of one', 'group g all W1\ngroup h any W2\ngroup i 2 g h W3\nquorum i\n', [2, 'w1', 'w2', 'w3']],
    ['a group that the quorum leaves out', 'group g any W1 W2\ngroup h all g W3\nquorum W4\n', [1, 'w4']],
  ])('says the same flat: %s', (_, lines, flat) => expect(rule(lines)).toEqual(flat));

  it.each<[string, string, string]>([
    [
      'the specification’s example',
      'group g 2 W1 W2\ngroup h any W3 W4\ngroup i all g h\nquorum i\n',
      'nests',
    ],
    ['all of any', 'group g any W1 W2\ngroup h all g W3\nquorum h\n', 'group h nests'],
    ['any of all', 'group g all W1 W2\ngroup h any g W3\nquorum h\n', 'group h nests'],
    ['such a group in another', 'group g all W1 W2\ngroup h any g W3\ngroup i any h\nquorum i\n', 'group h'],
    ['a quorum larger than its members', 'group g 3 W1 W2\nquorum g\n', 'line 5: asks for 3 of 2 members'],
    ['a threshold of 0', 'group g 0 W1\nquorum g\n', 'not of the form'],
    ['a threshold with a leading zero', 'group g 01 W1\nquorum g\n', 'not of the form'],
    ['a threshold in words', 'group g toString W1\nquorum g\n', 'not of the form'],
    ['a group of no one', 'group g all\nquorum g\n', 'not of the form'],
    ['a member twice', 'group g any W1 W1\nquorum g\n', 'W1 is a member already'],
    ['a member of two groups', 'group g any W1\ngroup h any W1\nquorum g\n', 'W1 is a member already'],
    ['none as a member', 'group g any none\nquorum g\n', 'none is not defined'],
    ['a group named none', 'group none any W1\nquorum none\n', 'none is no name'],
    ['a name defined twice', 'group W1 any W2\nquorum W1\n', 'W1 is defined above'],
    ['a group defined below', 'quorum g\ngroup g any W1\n', 'line 5: g is not defined above'],
    ['a group of itself', 'group g any g\nquorum g\n', 'g is not defined above'],
    ['no quorum', '', 'no quorum line'],
    ['a second quorum', 'quorum W1\nquorum W1\n', 'a second quorum'],
    ['a quorum without a name', 'quorum\n', 'the quorum is not defined'],
    ['a quorum of two names', 'quorum W1 W2\n', 'not of the form'],
    ['another keyword', 'constructor W1\nquorum W1\n', 'begins with none of'],
    ['a witness under two names', `witness X ${formatVkey(w1)}\nquorum X\n`, 'whose key stands above'],
    [
      'a witness whose key has two names',
      `witness X ${formatVkey(makeVkey('x', w1.type, w1.publicKey))}\nquorum X\n`,
      'whose key stands above',
    ],
    ['a log twice', `log ${log}\nlog ${log}\nquorum W1\n`, 'whose key stands above'],
    ['the key of a log as a witness', `witness X ${log}\nquorum X\n`, 'the key of a log'],
    ['the key of a witness as a log', `log ${formatVkey(w1)}\nquorum W1\n`, 'not cosignature-ed25519'],
    ['a log without a key', 'log\nquorum W1\n', 'name+hex+base64'],
    ['too much on a line', `log ${log} https://a b\nquorum W1\n`, 'not of the form'],
    ['a carriage return', 'quorum W1\r\n', 'a control character'],
    ['a last line that is cut off', 'quorum W1', 'does not end in a newline'],
    ['a byte order mark', '\uFEFFquorum W1\n', 'begins with none of'],
  ])('is refused: %s', (_, lines, fault) => expect(rule(lines)).toContain(fault));

  it('is refused where it is not UTF-8, or too long', () => {
    expect(parseTlogPolicy(Uint8Array.of(0xff, 0x0a)).code).toBe('tlog-policy.utf8');
    expect(read(`${'#'.repeat(1_000_001)}\n`).code).toBe('tlog-policy.size');
  });

  it('takes as long as it is', () => {
    const deep = Array.from({ length: 20_000 }, (_, i) => `group g${i + 1} all g${i}\n`).join('');
    expect(rule(`group g0 all W1\n${deep}quorum g20000\n`)).toEqual([1, 'w1']);
  });

  it('yields a value or a fault, whatever stands there', () => {
    const word = fc.constantFrom('log', 'witness', 'group', 'quorum', 'all', '2', 'W1', 'g', log, '\n', '\n');
    fc.assert(
      fc.property(fc.array(word), (words) => {
        const { value, fault } = read(`${WITNESSES}${words.join(' ')}\n`);
        expect((value === undefined) !== (fault === undefined)).toBe(true);
        if (value !== undefined) expect(value.quorum).toBeLessThanOrEqual(value.witnesses.length);
      }),
    );
  });
});
