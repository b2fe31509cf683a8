/** What someone lays beside their bundle, so that a verifier that looks around would trust them. */

import { toBase64 } from '../core/bytes.ts';
import type { Hand } from './sample.ts';

/** A policy that trusts the hand under the signer's name, and settings that point to it, wherever a program might look. */
export function plantPolicy({ record, keys }: Hand, name: string): Readonly<Record<string, string>> {
  const policy = `version = 1

[[signer]]
name = ${JSON.stringify(name)}
ed25519 = "${toBase64(record.publicKey)}"
p256 = "${toBase64(keys.p256)}"
ml_dsa_65 = "${toBase64(keys.mlDsa65)}"
`;
  const settings = 'policy = "trust.toml"\n';
  const folders = ['', '.qpoe/', '.config/qpoe/'];
  return Object.fromEntries(
    folders.flatMap((folder) => [
      [`${folder}trust.toml`, policy],
      [`${folder}config.toml`, settings],
    ]),
  );
}
