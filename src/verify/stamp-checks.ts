/** RFC 3161 time stamps over an envelope's signature (Sigstore's convention): by when it existed, on an authority's word. */

import { type Bytes, equalBytes } from '../core/bytes.ts';
import { type Check, type Found, found, makeCheck } from './check.ts';
import type { CheckedLogs } from './log-checks.ts';
import type { JudgeTimestamp } from './timestamps.ts';
import type { Trust } from './trust.ts';
import { describeTime } from './trusted-time.ts';

/** One check a stamp; one that stands twice counts once. */
export async function checkStamps(
  stamps: readonly Bytes[],
  signature: Bytes,
  trust: Trust,
  judge: JudgeTimestamp | undefined,
): Promise<CheckedLogs> {
  const distinct = stamps.filter((stamp, at) => stamps.findIndex((other) => equalBytes(other, stamp)) === at);
  const judged = await Promise.all(distinct.map((stamp) => judgeStamp(stamp, signature, trust, judge)));
  return {
    checks: judged.map(({ check }) => check),
    times: judged.flatMap(({ time }) => (time === undefined ? [] : [time])),
  };
}

async function judgeStamp(stamp: Bytes, signature: Bytes, trust: Trust, judge: JudgeTimestamp | undefined) {
  if (judge === undefined)
    return {
      check: stampCheck(
        found('unknown', 'not checked here', 'timestamp.unchecked', 'use qpoe in a terminal'),
      ),
    };
  const authorities =
    trust.kind === 'policy'
      ? (trust.policy.timestamp_authority ?? []).map(({ certificate }) => certificate)
      : [];
  const result = await judge(stamp, signature, authorities);
  if (result.status !== 'pass')
    return { check: stampCheck(found(result.status, result.evidence, result.code)) };
  const time = { ms: result.time, source: `the authority in ${result.authority}` };
  return { check: stampCheck(found('pass', describeTime(time))), time };
}

export function stampCheck(result: Found): Check {
  return makeCheck('time.stamp', 'the authority in your policy, and its clock', result);
}
