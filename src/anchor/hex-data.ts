/**
 * Bytes and integers as JSON-RPC writes them (https://ethereum.github.io/execution-apis, "hex value encoding"):
 *
 *     data      0x, two lowercase digits a byte        0x, 0x00, 0x41
 *     quantity  0x, digits without a leading zero      0x0, 0x41
 *
 * Lowercase alone: one value has one text, so no one can make a second file with the same meaning.
 */

import { type Bytes, fromHex, toHex } from '../core/bytes.ts';

export function toHexData(bytes: Uint8Array): string {
  return `0x${toHex(bytes)}`;
}

export function fromHexData(text: string): Bytes | undefined {
  return text.startsWith('0x') ? fromHex(text.slice(2)) : undefined;
}

/** Of at most 32 bytes, as the machine's words are. */
export function fromHexQuantity(text: string): bigint | undefined {
  return /^0x(?:0|[1-9a-f][0-9a-f]{0,63})$/.test(text) ? BigInt(text) : undefined;
}
