import fc from 'fast-check';
import { AbiParameters, Hash } from 'ox';
import { describe, expect, it } from 'vitest';
import { filled } from '../../test/chain-evidence.ts';
import { utf8 } from '../core/bytes.ts';
import { toHexData } from './hex-data.ts';
import { logId, originHash } from './log-id.ts';

describe('a log’s id', () => {
  it('is what the ABI’s encoding of its parts hashes to', () => {
    const accounts = fc.uint8Array({ minLength: 20, maxLength: 20 });
    fc.assert(
      fc.property(accounts, fc.string({ unit: 'grapheme' }), fc.boolean(), (account, origin, signs) => {
        const hash = Hash.keccak256(utf8(origin), { as: 'Hex' });
        expect(toHexData(originHash(origin))).toBe(hash);
        const encoded = AbiParameters.encode(AbiParameters.from('uint8, address, bytes32'), [
          signs ? 1 : 0,
          toHexData(account) as `0x${string}`,
          hash,
        ]);
        expect(toHexData(logId(signs ? 'signer' : 'sender', account, origin))).toBe(Hash.keccak256(encoded));
      }),
    );
  });

  it('never changes', () =>
    expect(toHexData(logId('sender', filled(20, 0x11), 'example.org/log'))).toBe(
      '0xdc1dc3db990b438e96ea7579944be67c28c9ee019e18b77a94ad9264a37bbf3b',
    ));

  it('is another for each kind, account and origin', () => {
    const ids = [
      logId('sender', filled(20, 1), 'a'),
      logId('signer', filled(20, 1), 'a'),
      logId('sender', filled(20, 2), 'a'),
      logId('sender', filled(20, 1), 'b'),
    ];
    expect(new Set(ids.map(toHexData)).size).toBe(4);
  });

  it('needs an address', () => expect(() => logId('sender', filled(21, 1), 'a')).toThrow(RangeError));
});
