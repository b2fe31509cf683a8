import { generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Bytes, fromBase64, toBase64, utf8 } from '../core/bytes.ts';
import {
  formatNote,
  formatSignatureLine,
  isKeyName,
  MAX_NOTE_BYTES,
  type NoteVerifier,
  parseNote,
  verifyNote,
} from './note.ts';
import { ed25519Verifier, makeVkey, parseVkey } from './vkey.ts';

/** The example of the specification. */
const EXAMPLE_VKEY = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
const EXAMPLE = `This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
`;
const LINE = EXAMPLE.split('\n')[2]!;

const read = (note: string | Uint8Array) => parseNote(typeof note === 'string' ? utf8(note) : note);

function signer(name: string): NoteVerifier & { line(text: string): string } {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const vkey = makeVkey(name, 'ed25519', new Uint8Array(publicKey.export({ format: 'raw-public' })));
  return {
    ...ed25519Verifier(vkey),
    line: (text) =>
      formatSignatureLine({ ...vkey, signature: new Uint8Array(sign(null, utf8(text), privateKey)) }),
  };
}

async function open(note: string, ...known: readonly NoteVerifier[]) {
  const parsed = read(note);
  expect(parsed.fault).toBeUndefined();
  const { value, code } = await verifyNote(parsed.value!, known);
  return value === undefined ? code : known.map((key) => value.get(key)?.length ?? 0);
}

describe('parsing', () => {
  it("reads the specification's example and writes it again", () => {
    const { value } = read(EXAMPLE);
    expect(value!.text).toBe('This is an example message.\n');
    expect(value!.signatures).toEqual([
      {
        name: 'example.com/foo',
        keyId: '530d903a',
        signature: fromBase64(LINE.split(' ')[2]!)!.slice(4),
      },
    ]);
    expect(formatNote(value!)).toBe(EXAMPLE);
  });

  it('splits at the last blank line', () => expect(read(`a\n\nb\n\n${LINE}\n`).value!.text).toBe('a\n\nb\n'));

  it.each<[string, string | Uint8Array, string]>([
    ['nothing', '', 'note.syntax'],
    ['no signature', 'text\n', 'note.syntax'],
    ['nothing below the blank line', 'text\n\n', 'note.syntax'],
    ['no final newline', EXAMPLE.slice(0, -1), 'note.syntax'],
    ['text below the signatures', `${EXAMPLE}text\n`, 'note.signature'],
    ['a blank line below them', `${EXAMPLE}\n`, 'note.syntax'],
    ['a carriage return', EXAMPLE.replace('\n', '\r\n'), 'note.control'],
    ['a tab', `a\tb\n\n${LINE}\n`, 'note.control'],
    ['a null', `a\0b\n\n${LINE}\n`, 'note.control'],
    ['broken UTF-8', Uint8Array.of(0xff, ...utf8(EXAMPLE)), 'note.utf8'],
    ['a hyphen for the dash', EXAMPLE.replace('—', '-'), 'note.signature'],
    ['no name', EXAMPLE.replace('example.com/foo ', ''), 'note.signature'],
    ['an empty name', EXAMPLE.replace('example.com/foo', ''), 'note.signature'],
    ['a plus in the name', EXAMPLE.replace('/foo', '+foo'), 'note.signature'],
    ['a no-break space in the name', EXAMPLE.replace('/foo', '\u00a0foo'), 'note.signature'],
    ['two spaces', EXAMPLE.replace('foo ', 'foo  '), 'note.signature'],
    ['a space at the end', EXAMPLE.replace('=\n', '= \n'), 'note.signature'],
    ['base64 without padding', EXAMPLE.replace('=\n', '\n'), 'note.signature'],
    ['base64 with stray bits', EXAMPLE.replace('QM=\n', 'QN=\n'), 'note.signature'],
    ['base64 for URLs', EXAMPLE.replace('tg1E', 'tg-E'), 'note.signature'],
    ['a key id alone', 'a\n\n— n Uw2QOg==\n', 'note.signature'],
    ['101 signatures', `a\n\n${`${LINE}\n`.repeat(101)}`, 'note.count'],
    ['over 1 MB', `${'a'.repeat(MAX_NOTE_BYTES)}\n\n${LINE}\n`, 'note.size'],
  ])('refuses %s', (_, note, code) => expect(read(note).code).toBe(code));

  it('reads 100 signatures', () =>
    expect(read(`a\n\n${`${LINE}\n`.repeat(100)}`).value!.signatures).toHaveLength(100));

  it('accepts only what formatting gives back', () => {
    const parts = fc.constantFrom(
      '\n',
      '\n\n',
      'a',
      ' ',
      '— ',
      '—',
      LINE,
      `${LINE}\n`,
      '— n Uw2QOkk=\n',
      '+',
      '=',
    );
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 8 }), (pieces) => {
        const note = pieces.join('');
        const { value } = read(note);
        if (value !== undefined) expect(formatNote(value)).toBe(note);
      }),
      { numRuns: 3000 },
    );
  });
});

it.each([
  ['log.example.org', true],
  ['ключ', true],
  ['a/b:c', true],
  ['', false],
  ['a b', false],
  ['a+b', false],
  ['a\u2003b', false],
  ['a\u0085b', false],
  ['a\nb', false],
  ['a\u0001b', false],
  ['a\ud800', false],
])('%j as the name of a key: %s', (name, valid) => expect(isKeyName(name)).toBe(valid));

describe('verifying', () => {
  const text = 'some text\n';
  const log = signer('log.example.org');
  const witness = signer('w.example.org');

  it("accepts the specification's example", async () =>
    expect(await open(EXAMPLE, ed25519Verifier(parseVkey(EXAMPLE_VKEY).value!))).toEqual([1]));

  it('names the keys that signed and passes over the others', async () => {
    const note = `${text}\n${log.line(text)}${signer('other').line(text)}`;
    expect(await open(note, log, witness)).toEqual([1, 0]);
  });

  it('takes neither the same name nor the same id alone for a known key', async () => {
    const namesake = signer('log.example.org').line('something else\n');
    const { keyId } = log;
    const sameId = formatSignatureLine({ name: 'other', keyId, signature: new Uint8Array(64) });
    expect(await open(`${text}\n${namesake}${sameId}${log.line(text)}`, log)).toEqual([1]);
    expect(await open(`${text}\n${namesake}${sameId}`, log)).toEqual([0]);
  });

  it('rejects the note for one known signature that fails, beside any that hold', async () => {
    const bad = formatSignatureLine({ ...witness, signature: new Uint8Array(64) });
    expect(await open(`${text}\n${log.line(text)}${bad}`, log, witness)).toBe('note.invalid');
    expect(await open(`${text}\n${log.line(text)}${log.line('other\n')}`, log)).toBe('note.invalid');
    expect(await open(`${text}\n${log.line(text)}${bad}`, log)).toEqual([1]);
  });

  it.each([1, 63, 65, 100])('rejects a known signature of %i bytes', async (length) => {
    const bad = formatSignatureLine({ ...log, signature: new Uint8Array(length) });
    expect(await open(`${text}\n${bad}`, log)).toBe('note.invalid');
  });

  it('counts a key once, however many lines it has', async () => {
    const parsed = read(`${text}\n${log.line(text).repeat(3)}`).value!;
    const { value } = await verifyNote(parsed, [log, witness]);
    expect(value!.size).toBe(1);
    expect(value!.get(log)).toHaveLength(3);
  });

  it('rejects a text that changed by one byte', async () => {
    const note = `${text}\n${log.line(text)}`;
    expect(await open(note.replace('some', 'Some'), log)).toBe('note.invalid');
    expect(await open(`\n${note}`, log)).toBe('note.invalid');
  });

  it('hands each key the exact text, and what follows the key id', async () => {
    const seen: string[] = [];
    const key: NoteVerifier = {
      name: 'n',
      keyId: '530d903a',
      verify: async (signed: Bytes, signature: Bytes) => {
        seen.push(new TextDecoder().decode(signed), toBase64(signature));
        return true;
      },
    };
    expect(await open('a\n\nb\n\n— n Uw2QOkk=\n', key)).toEqual([1]);
    expect(seen).toEqual(['a\n\nb\n', 'SQ==']);
  });
});
