import { describe, expect, it } from 'vitest';
import { toHex, utf8 } from '../core/bytes.ts';
import { keccak256 } from './keccak.ts';

describe('Keccak-256', () => {
  it.each([
    // The Keccak team's own (short message KAT 0), and what every Ethereum client has for an empty account's code.
    ['', 'c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470'],
    ['abc', '4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45'],
    // The best known of all event topics.
    ['Transfer(address,address,uint256)', 'ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef'],
  ])('of "%s" is Ethereum’s, not SHA3-256’s', (text, hash) =>
    expect(toHex(keccak256(utf8(text)))).toBe(hash),
  );
});
