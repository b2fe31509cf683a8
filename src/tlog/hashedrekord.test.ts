import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromUtf8, utf8 } from '../core/bytes.ts';
import { formatHashedRekord, parseHashedRekord } from './hashedrekord.ts';

const entry = {
  digest: new Uint8Array(32).fill(1),
  signature: Uint8Array.of(0x30, 6, 2, 1, 1, 2, 1, 1),
  publicKey: new Uint8Array(91).fill(0xfb),
};
const TEXT = fromUtf8(formatHashedRekord(entry))!;

it('is the JSON that Rekor v2 writes', () =>
  expect(TEXT).toBe(
    '{"apiVersion":"0.0.2","kind":"hashedrekord","spec":{"hashedRekordV002":{"data":{"algorithm":"SHA2_256",' +
      `"digest":"${'AQEB'.repeat(10)}AQE="},"signature":{"content":"MAYCAQECAQE=","verifier":{"keyDetails":` +
      `"PKIX_ECDSA_P256_SHA_256","publicKey":{"rawBytes":"${'+/v7'.repeat(30)}+w=="}}}}}}`,
  ));

it('reads back as what it was made of', () => {
  const bytes = (minLength: number, maxLength: number) => fc.uint8Array({ minLength, maxLength });
  fc.assert(
    fc.property(bytes(32, 32), bytes(0, 80), bytes(0, 100), (digest, signature, publicKey) => {
      const value = { digest, signature, publicKey } as typeof entry;
      expect(parseHashedRekord(formatHashedRekord(value)).value).toEqual({
        digest: new Uint8Array(digest),
        signature: new Uint8Array(signature),
        publicKey: new Uint8Array(publicKey),
      });
    }),
  );
});

describe('refused is', () => {
  it.each<[string, string, string]>([
    ['what is no JSON', 'hello', 'json.syntax'],
    ['a member twice', TEXT.replace('{', '{"kind":"hashedrekord",'), 'json.duplicate'],
    ['another kind', TEXT.replace('hashedrekord', 'dsse'), 'entry.shape'],
    ['another version', TEXT.replace('0.0.2', '0.0.1'), 'entry.shape'],
    ['another hash', TEXT.replace('SHA2_256', 'SHA2_512'), 'entry.shape'],
    ['another key type', TEXT.replace('P256', 'P384'), 'entry.shape'],
    ['a certificate for the key', TEXT.replace('publicKey', 'x509Certificate'), 'entry.shape'],
    [
      'a certificate beside it',
      TEXT.replace('"publicKey"', '"x509Certificate":{},"publicKey"'),
      'entry.shape',
    ],
    ['a member more', TEXT.replace('"kind"', '"extra":1,"kind"'), 'entry.shape'],
    ['a digest that is not base64', TEXT.replace('AQE="', 'AQF="'), 'entry.shape'],
    ['a digest of 30 bytes', TEXT.replace('AQEBAQE="', 'AQEB"'), 'entry.digest'],
    ['a space', TEXT.replace(':', ': '), 'entry.canonical'],
    ['a space at the end', `${TEXT} `, 'entry.canonical'],
    ['an escape', TEXT.replace('"kind"', '"\\u006bind"'), 'entry.canonical'],
    [
      'another order',
      TEXT.replace('"apiVersion":"0.0.2",', '').replace('}}}}}}', '}}}}},"apiVersion":"0.0.2"}'),
      'entry.canonical',
    ],
    ['what fits no bundle', TEXT.padEnd(65_536, ' '), 'entry.size'],
  ])('%s', (_, text, code) => expect(parseHashedRekord(utf8(text)).code).toBe(code));
});
