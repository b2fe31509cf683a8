/** `qpoe bundle --timestamp`: an authority's word on when statements existed, kept in their own files. */

import { type Bytes, toBase64 } from '../../core/bytes.ts';
import { QpoeError } from '../../core/error.ts';
import { formatTime } from '../../core/time.ts';
import { requestTimestamp } from '../../online/timestamp-client.ts';
import { readOwnPolicy } from '../../store/home.ts';
import type { Trust } from '../../verify/trust.ts';
import type { Context } from '../context.ts';
import { amendMaterial, readEnterable } from '../log/enter-log.ts';
import { evidenceMeans } from '../verify/evidence-means.ts';

/** Those that have a stamp already keep the one they have. @param paths of P-256 statements */
export async function stampStatements(
  context: Context,
  paths: readonly string[],
  url: string,
): Promise<void> {
  for (const path of paths) {
    const statement = readEnterable(path);
    if (statement.stamps.length > 0) continue;
    const { envelope } = statement;
    const stamp = await requestTimestamp({ url, signal: context.signal }, envelope.signature);
    await judge(context, stamp, envelope.signature, url);
    amendMaterial(statement, ({ stamps }) => {
      const rfc3161Timestamps = [...stamps, stamp].map((one) => ({ signedTimestamp: toBase64(one) }));
      return { timestampVerificationData: { rfc3161Timestamps } };
    });
  }
}

/** A stamp that fails is not kept. One of an authority that the policy lacks is: a reviewer's may have it. */
async function judge({ home, note }: Context, stamp: Bytes, signature: Bytes, url: string): Promise<void> {
  const policy = readOwnPolicy(home);
  const trust: Trust =
    policy === undefined ? { kind: 'nobody' } : { kind: 'policy', policy, path: home.policy };
  const { timestamps } = await evidenceMeans(trust);
  const names = (policy?.timestamp_authority ?? []).map(({ certificate }) => certificate);
  const result = await timestamps!(stamp, signature, names);
  if (result.status === 'fail')
    throw new QpoeError(
      'external',
      `the stamp of ${url} is refused: ${result.evidence}`,
      'nothing was kept of it',
    );
  note(
    result.status === 'pass'
      ? `stamped at ${formatTime(result.time)} by the authority in ${result.authority}`
      : `stamped by an authority that your policy lacks: ${result.evidence}`,
  );
}
