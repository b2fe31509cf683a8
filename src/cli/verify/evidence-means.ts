/** What verification needs of Node: Sigstore's verifier, one of time stamps, and the trusted roots that a policy names. */

import { dirname } from 'node:path';
import { inflateZlib } from '../../core/inflate.ts';
import type { TimestampAuthority } from '../../online/timestamp-chain.ts';
import type { StatementMeans } from '../../verify/judge-statement.ts';
import type { JudgeKeyless } from '../../verify/keyless.ts';
import type { JudgeTimestamp } from '../../verify/timestamps.ts';
import type { Trust } from '../../verify/trust.ts';
import type { Means } from '../../verify/verify.ts';

/** Verifiers are loaded only where evidence needs them. A policy's paths are its folder's, not the working directory's. */
export async function evidenceMeans(trust: Trust): Promise<StatementMeans & Pick<Means, 'inflate'>> {
  const folder = trust.kind === 'policy' ? dirname(trust.path) : '.';
  return {
    keyless: keylessJudge(folder),
    timestamps: timestampJudge(folder),
    rekors: await loadRekors(trust, folder),
    // The page's too: one file has one verdict.
    inflate: inflateZlib,
  };
}

function keylessJudge(folder: string): JudgeKeyless {
  const roots = new Map<string, string>();
  return async (bundle, content, root) => {
    const [{ verifyKeyless }, { loadTrustedRoot }] = await Promise.all([
      import('../../online/keyless.ts'),
      import('../../online/trusted-root.ts'),
    ]);
    if (!roots.has(root)) roots.set(root, loadTrustedRoot(root, folder));
    return verifyKeyless(
      bundle,
      content === undefined ? { kind: 'dsse' } : { kind: 'blob', bytes: content },
      roots.get(root)!,
    );
  };
}

function timestampJudge(folder: string): JudgeTimestamp {
  // A bundle has several stamps, and a folder many bundles.
  const authorities = new Map<string, TimestampAuthority>();
  return async (stamp, signed, names) => {
    const [{ verifyTimestamp }, { loadTimestampAuthority }] = await Promise.all([
      import('../../online/timestamp-verify.ts'),
      import('../../online/timestamp-chain.ts'),
    ]);
    for (const name of names)
      if (!authorities.has(name)) authorities.set(name, loadTimestampAuthority(name, folder));
    return verifyTimestamp(
      stamp,
      signed,
      names.map((name) => authorities.get(name)!),
    );
  };
}

async function loadRekors(trust: Trust, folder: string): Promise<StatementMeans['rekors']> {
  const names =
    trust.kind === 'policy' ? (trust.policy.log ?? []).flatMap(({ trusted_root: name }) => name ?? []) : [];
  if (names.length === 0) return [];
  const { loadTrustedRoot, rekorLogsOf } = await import('../../online/trusted-root.ts');
  return names.flatMap((name) => rekorLogsOf(loadTrustedRoot(name, folder)));
}
