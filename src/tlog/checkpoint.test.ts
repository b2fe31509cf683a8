import { generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeVectors, listVectors, readVector } from '../../test/shared-vectors.ts';
import { toBase64, utf8 } from '../core/bytes.ts';
import { formatCheckpoint, openCheckpoint, parseCheckpoint, parseCount } from './checkpoint.ts';
import { emptyRoot } from './merkle.ts';
import { formatSignatureLine, parseNote } from './note.ts';
import { makeVkey, type Vkey } from './vkey.ts';

const ROOT = 'CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=';
const EXAMPLE = `example.com/behind-the-sofa\n20852163\n${ROOT}\n`;

const log = newKey('log.example.org');
const TEXT = `log.example.org\n3\n${ROOT}\n`;

function newKey(name: string): { readonly vkey: Vkey; line(text: string): string } {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const vkey = makeVkey(name, 'ed25519', new Uint8Array(publicKey.export({ format: 'raw-public' })));
  const line = (text: string) =>
    formatSignatureLine({ ...vkey, signature: new Uint8Array(sign(null, utf8(text), privateKey)) });
  return { vkey, line };
}

describe('the text', () => {
  it("of the specification's example is read and written again", () => {
    const { value } = parseCheckpoint(EXAMPLE);
    expect(value).toMatchObject({ origin: 'example.com/behind-the-sofa', size: 20852163, extensions: [] });
    expect(toBase64(value!.root)).toBe(ROOT);
    expect(formatCheckpoint(value!)).toBe(EXAMPLE);
  });

  it('may have extension lines, and an origin with spaces', () => {
    const text = `an origin - 1\n1\n${ROOT}\nTimestamp: 1\nmore\n`;
    const { value } = parseCheckpoint(text);
    expect(value!.extensions).toEqual(['Timestamp: 1', 'more']);
    expect(formatCheckpoint(value!)).toBe(text);
  });

  it('of the empty tree has its root', () => {
    expect(parseCheckpoint(`o\n0\n${toBase64(emptyRoot())}\n`).value!.size).toBe(0);
    expect(parseCheckpoint(`o\n0\n${ROOT}\n`).code).toBe('checkpoint.root');
  });

  it.each([
    ['', 'checkpoint.syntax'],
    ['\n', 'checkpoint.syntax'],
    [`\n1\n${ROOT}\n`, 'checkpoint.syntax'],
    [`o\n1\n${ROOT}`, 'checkpoint.syntax'],
    [`o\n1\n${ROOT}\n\n`, 'checkpoint.syntax'],
    [`o\n1\n${ROOT}\n\next\n`, 'checkpoint.syntax'],
    ['o\n', 'checkpoint.size'],
    [`o\n01\n${ROOT}\n`, 'checkpoint.size'],
    [`o\n-1\n${ROOT}\n`, 'checkpoint.size'],
    [`o\n+1\n${ROOT}\n`, 'checkpoint.size'],
    [`o\n1e3\n${ROOT}\n`, 'checkpoint.size'],
    [`o\n 1\n${ROOT}\n`, 'checkpoint.size'],
    [`o\n١\n${ROOT}\n`, 'checkpoint.size'],
    [`o\n9007199254740992\n${ROOT}\n`, 'checkpoint.size'],
    [`o\n18446744073709551616\n${ROOT}\n`, 'checkpoint.size'],
    ['o\n1\n', 'checkpoint.root'],
    [`o\n1\n${ROOT.replace('=', '')}\n`, 'checkpoint.root'],
    [`o\n1\n${ROOT.replace('2I=', '2J=')}\n`, 'checkpoint.root'],
    [`o\n1\n${ROOT} \n`, 'checkpoint.root'],
    [`o\n1\n${toBase64(new Uint8Array(31))}\n`, 'checkpoint.root'],
    [`o\n1\n${toBase64(new Uint8Array(33))}\n`, 'checkpoint.root'],
  ])('%j is refused', (text, code) => expect(parseCheckpoint(text).code).toBe(code));

  it('is accepted only where formatting gives it back', () => {
    const parts = fc.constantFrom(
      'o',
      '0',
      '1',
      '9007199254740991',
      ROOT,
      '\n',
      ' ',
      '=',
      toBase64(emptyRoot()),
    );
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 9 }), (pieces) => {
        const text = pieces.join('');
        const { value } = parseCheckpoint(text);
        if (value !== undefined) expect(formatCheckpoint(value)).toBe(text);
      }),
      { numRuns: 3000 },
    );
  });
});

it('counts are read up to 2^53−1', () => {
  expect(parseCount('9007199254740991')).toBe(Number.MAX_SAFE_INTEGER);
  expect(parseCount('0')).toBe(0);
});

describe('opening', () => {
  const open = (note: string, vkey = log.vkey) => openCheckpoint(utf8(note), vkey);

  it("gives the checkpoint that the log's key signed, and the note with all its lines", async () => {
    const { value } = await open(`${TEXT}\n${log.line(TEXT)}${newKey('w').line(TEXT)}`);
    expect(value!.checkpoint).toMatchObject({ origin: 'log.example.org', size: 3 });
    expect(value!.note.signatures.map(({ name }) => name)).toEqual(['log.example.org', 'w']);
  });

  it('names the keys that signed where the right one did not', async () => {
    const other = newKey('log.example.org');
    const { fault, code } = await open(`${TEXT}\n${other.line(TEXT)}`);
    expect(code).toBe('checkpoint.unsigned');
    expect(fault).toBe(
      `not signed by log.example.org+${log.vkey.keyId}, but by log.example.org+${other.vkey.keyId}`,
    );
    const crowd = await open(`${TEXT}\n${other.line(TEXT).repeat(9)}`);
    expect(crowd.fault!.length).toBeLessThan(300);
  });

  it.each([
    ['a changed size', TEXT.replace('3', '4'), 'note.invalid'],
    ['a changed root', TEXT.replace('CsU', 'DsU'), 'note.invalid'],
    ['a changed origin', TEXT.replace('log', 'lag'), 'note.invalid'],
    ['an added extension line', `${TEXT}more\n`, 'note.invalid'],
  ])('refuses %s', async (_, text, code) =>
    expect((await open(`${text}\n${log.line(TEXT)}`)).code).toBe(code),
  );

  it("refuses the key's own signature over another log's origin, or over no checkpoint", async () => {
    const foreign = TEXT.replace('log', 'other');
    expect((await open(`${foreign}\n${log.line(foreign)}`)).code).toBe('checkpoint.origin');
    expect((await open(`hello\n\n${log.line('hello\n')}`)).code).toBe('checkpoint.size');
  });

  it('refuses a cosignature key as the key of a log, and what is no note', async () => {
    const witness = makeVkey('log.example.org', 'cosignature-ed25519', log.vkey.publicKey);
    expect((await open(`${TEXT}\n${log.line(TEXT)}`, witness)).code).toBe('checkpoint.key');
    expect((await open(TEXT)).code).toBe('note.syntax');
  });
});

describeVectors("Rekor's own checkpoints in three signed receipts", 'aiir/signed', () => {
  const files = listVectors('aiir/signed', '.sigstore');
  it('are three', () => expect(files).toHaveLength(3));

  it.each(files)('%s', (file) => {
    const bundle = JSON.parse(readVector(file).toString('utf8'));
    const { inclusionProof: proof, logId } = bundle.verificationMaterial.tlogEntries[0];
    const note = parseNote(utf8(proof.checkpoint.envelope)).value!;
    const { value } = parseCheckpoint(note.text);
    expect(value).toMatchObject({
      origin: 'rekor.sigstore.dev - 1193050959916656506',
      size: Number(proof.treeSize),
    });
    expect(toBase64(value!.root)).toBe(proof.rootHash);
    const [line] = note.signatures;
    expect(line!.name).toBe('rekor.sigstore.dev');
    expect(line!.keyId).toBe(Buffer.from(logId.keyId, 'base64').toString('hex').slice(0, 8));
  });
});
