/** A reproduction that is handed over alone, to a verdict. What it is worth for an archive `archive.reproduction` says there. */

import { isJsonObject, JsonError, type JsonValue, parseJsonBytes, WRAPPED } from '../core/json.ts';
import type { Verdict } from '../verify/check.ts';
import type { StatementMeans } from '../verify/judge-statement.ts';
import type { Trust } from '../verify/trust.ts';
import { formatCheck, judge, malformed, NOT_PROVEN, newer } from '../verify/verdict.ts';
import { describeFindings, reproductionChecks } from './judge-reproduction.ts';
import { readReproduction } from './reproduction.ts';

const FAMILY = /^application\/vnd\.qpoe\.reproduction\.v([1-9]\d{0,3})\+json$/;
/** Of what can't be parsed: it stands first in what this program writes, where no text of the findings could be taken for it. */
const HEAD = /^\s*\{\s*"mediaType"\s*:\s*"([^"]{1,100})"/;
const HEAD_BYTES = 200;

/** @returns undefined where it doesn't mean to be one */
export async function verifyReproduction(
  bytes: Uint8Array,
  trust: Trust,
  means: StatementMeans,
): Promise<Verdict | undefined> {
  const value = parse(bytes);
  const version = FAMILY.exec(typeOf(value, bytes) ?? '')?.[1];
  if (version === undefined) return undefined;
  if (version !== '1')
    return newer('statement', `a reproduction of version ${version}, this program knows 1`);
  if (value === undefined)
    return malformed('statement', 'a reproduction that is not strict JSON', 'format.shape');
  const { value: reproduction, fault } = readReproduction(value);
  if (reproduction === undefined) return malformed('statement', `a reproduction: ${fault}`, 'format.shape');
  const { reproduction: findings } = reproduction;
  const checks = await reproductionChecks(reproduction, trust, means);
  const signers = checks.filter(({ id }) => id === 'statement.signer');
  return judge({
    subject: { kind: 'statement', version: '1', hash: findings.archive },
    checks: [
      formatCheck('statement.format', 'pass', `a reproduction: ${describeFindings(findings)}`),
      ...checks,
    ],
    trust,
    signer: signers.find(({ status }) => status === 'pass') ?? signers[0],
    notProven: [...NOT_PROVEN, 'that they ran it again, or that the archive that it names verifies'],
  });
}

function typeOf(value: JsonValue | undefined, bytes: Uint8Array): string | undefined {
  if (value === undefined) return HEAD.exec(new TextDecoder().decode(bytes.subarray(0, HEAD_BYTES)))?.[1];
  return isJsonObject(value) && typeof value.mediaType === 'string' ? value.mediaType : undefined;
}

function parse(bytes: Uint8Array): JsonValue | undefined {
  try {
    return parseJsonBytes(bytes, WRAPPED);
  } catch (error) {
    if (error instanceof JsonError) return undefined;
    throw error;
  }
}
