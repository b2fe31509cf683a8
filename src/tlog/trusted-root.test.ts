import { TrustedRoot } from '@sigstore/protobuf-specs';
import { expect, it } from 'vitest';
import { toHex } from '../core/bytes.ts';
import { trustedRoot } from './trusted-root.ts';
import { hashVkey, makeVkey } from './vkey.ts';

const KEY = new Uint8Array(32).fill(9);
KEY[31] = 0;

it('names the log’s host, key, start and whole id, as Sigstore reads them', () => {
  const vkey = makeVkey('log.example.org', 'ed25519', KEY);
  const text = trustedRoot(vkey, '2026-01-01T00:00:00Z');
  const { tlogs, certificateAuthorities } = TrustedRoot.fromJSON(JSON.parse(text));
  expect(certificateAuthorities).toEqual([]);
  expect(tlogs).toHaveLength(1);
  const { baseUrl, publicKey, logId, checkpointKeyId } = tlogs[0]!;
  const id = logId!.keyId;
  expect(new URL(baseUrl).hostname).toBe(vkey.name);
  expect(publicKey!.rawBytes!.subarray(-32)).toEqual(Buffer.from(KEY));
  expect(publicKey!.validFor).toEqual({ start: new Date('2026-01-01T00:00:00Z'), end: undefined });
  expect(toHex(id)).toBe(toHex(hashVkey(vkey)));
  expect(toHex(id.subarray(0, 4))).toBe(vkey.keyId);
  // With it sigstore-go would want another, shorter id.
  expect(checkpointKeyId).toBeUndefined();
});

it('ends in a newline and is the same each time', () => {
  const vkey = makeVkey('log.example.org', 'ed25519', KEY);
  const text = trustedRoot(vkey, '2026-01-01T00:00:00Z');
  expect(text.endsWith('}\n')).toBe(true);
  expect(trustedRoot(vkey, '2026-01-01T00:00:00Z')).toBe(text);
});
