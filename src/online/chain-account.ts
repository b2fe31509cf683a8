/**
 * Who pays for a transaction, and signs it: a key of the person's (secp256k1, from a file, a keystore of version 3 or the
 * environment), or an account that the node itself holds unlocked. A key never leaves this process.
 */

import * as Address from 'ox/Address';
import * as Keystore from 'ox/Keystore';
import * as Secp256k1 from 'ox/Secp256k1';
import * as TxEnvelopeEip1559 from 'ox/TxEnvelopeEip1559';
import { QpoeError } from '../core/error.ts';
import { type ChainNode, type Hex, sendRaw, sendUnlocked } from './chain-node.ts';

export type ChainAccount =
  | { readonly kind: 'key'; readonly address: Hex; readonly privateKey: Hex }
  | { readonly kind: 'unlocked'; readonly address: Hex };

/** All of a transaction but who signs it. Wei and gas are whole numbers of any size. */
export interface Unsigned {
  readonly chainId: number;
  readonly nonce: number;
  /** Absent where a contract is made. */
  readonly to?: Hex;
  readonly data: Hex;
  readonly gas: bigint;
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
}

const KEY = /^(?:0x)?([0-9a-fA-F]{64})$/;

/**
 * @param text 64 hex digits, or the JSON of a keystore of version 3 (scrypt or PBKDF2)
 * @param source what to call the text in an error; the text itself is never shown
 * @throws QpoeError `usage`
 */
export async function readChainKey(
  text: string,
  source: string,
  passphrase: string | undefined,
): Promise<ChainAccount> {
  const digits = KEY.exec(text.trim())?.[1];
  const privateKey: Hex =
    digits === undefined ? await openKeystore(text, source, passphrase) : `0x${digits.toLowerCase()}`;
  return { kind: 'key', privateKey, address: addressOf(privateKey, source) };
}

function addressOf(privateKey: Hex, source: string): Hex {
  try {
    return Address.fromPublicKey(Secp256k1.getPublicKey({ privateKey })).toLowerCase() as Hex;
  } catch {
    throw new QpoeError(
      'usage',
      `${source}: no secp256k1 key`,
      'give a key from 1 to the order of the curve',
    );
  }
}

async function openKeystore(text: string, source: string, passphrase: string | undefined): Promise<Hex> {
  const keystore = parseKeystore(text);
  if (keystore === undefined)
    throw new QpoeError('usage', `${source}: neither 64 hex digits nor a keystore of version 3`);
  if (passphrase === undefined)
    throw new QpoeError(
      'usage',
      `${source} is a keystore, and there is no passphrase`,
      'name a file with it in QPOE_CHAIN_PASSPHRASE_FILE',
    );
  try {
    const key = await Keystore.toKeyAsync(keystore, { password: passphrase });
    return Keystore.decrypt(keystore, key);
  } catch (error) {
    throw new QpoeError('usage', `${source} does not open with this passphrase`, 'check both', {
      cause: error,
    });
  }
}

function parseKeystore(text: string): Keystore.Keystore | undefined {
  try {
    const value = JSON.parse(text);
    return value?.version === 3 && typeof value.crypto === 'object' ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A signed transaction, with the hash that it will have; undefined of an account that only the node can sign for. */
export function signTransaction(
  account: ChainAccount,
  unsigned: Unsigned,
): { readonly raw: Hex; readonly hash: Hex } | undefined {
  if (account.kind === 'unlocked') return undefined;
  const envelope = TxEnvelopeEip1559.from({ ...unsigned, nonce: BigInt(unsigned.nonce) });
  const payload = TxEnvelopeEip1559.getSignPayload(envelope);
  const signature = Secp256k1.sign({ payload, privateKey: account.privateKey });
  const signed = TxEnvelopeEip1559.from(envelope, { signature });
  return { raw: TxEnvelopeEip1559.serialize(signed), hash: TxEnvelopeEip1559.hash(signed) };
}

/** @returns the hash, as the node gives it: of a signed one it is known already */
export function broadcast(
  node: ChainNode,
  account: Hex,
  unsigned: Unsigned,
  raw: Hex | undefined,
): Promise<Hex> {
  if (raw !== undefined) return sendRaw(node, raw);
  const { to, data, nonce, gas, maxFeePerGas, maxPriorityFeePerGas } = unsigned;
  return sendUnlocked(node, {
    from: account,
    ...(to === undefined ? {} : { to }),
    data,
    nonce: quantity(nonce),
    gas: quantity(gas),
    maxFeePerGas: quantity(maxFeePerGas),
    maxPriorityFeePerGas: quantity(maxPriorityFeePerGas),
  });
}

function quantity(value: number | bigint): Hex {
  return `0x${value.toString(16)}`;
}
