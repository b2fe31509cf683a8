/** The checks of a record in one of the original's formats: what the original's verifier asked, and what arithmetic can add. */

import { circuitDigest } from '../circuit/circuit.ts';
import { buildWorkload, findWorkload } from '../circuit/workloads.ts';
import { type Bytes, fromHex } from '../core/bytes.ts';
import { QpoeError } from '../core/error.ts';
import { parseTime } from '../core/time.ts';
import type { OriginalRecord } from '../record/original.ts';
import { type Check, type Found, found, makeCheck } from './check.ts';
import { type DrawnBy, MAX_DRAWN, qiskitTextDigest, sizeOf } from './original-circuit.ts';
import { checkSignature, signatureCheck } from './signature-checks.ts';
import { checkSigner, signerCheck } from './signer-checks.ts';
import { skewOf, type Trust } from './trust.ts';

/** What a real SDK is asked: the hash of the text it makes of this circuit. */
interface SdkQuestion {
  readonly sdk: OriginalRecord['sdk'];
  readonly n_qubits: number;
  readonly depth: number;
  /** In decimal: it may be larger than any double. */
  readonly seed: string;
}

/** Asks a real SDK. The verifier has none: only who was told of one hands this in. */
export type AskSdk = (question: SdkQuestion) => Promise<{
  readonly digest: string;
  readonly version: string;
  /** What to call it: Cirq 1.7.0 in /usr/bin/python3. */
  readonly title: string;
}>;

/** The formats leave members out of the hash, the key among them. */
const AS_FAR_AS_HASHED = 'Nothing in the record changed since it was hashed, as far as its format hashes it.';

/** @param now milliseconds since 1970 */
export async function checkOriginal(
  record: OriginalRecord,
  trust: Trust,
  now: number,
  askSdk?: AskSdk,
): Promise<Check[]> {
  const hash = checkHash(record);
  const signature = hash.status === 'pass' ? await checkSigned(record) : needs('record.hash');
  return [
    { ...makeCheck('record.hash', 'SHA-256', hash), claim: AS_FAR_AS_HASHED },
    signatureCheck(signature),
    signerCheck(judgeSigner(record, signature, trust)),
    ...checkResultDigest(record),
    makeCheck('record.counts', 'arithmetic', checkCounts(record)),
    makeCheck('record.times', "the signer's clock", checkTimes(record, skewOf(trust), now)),
    makeCheck('circuit.rebuild', 'the workload, built again here', await checkRebuild(record, askSdk)),
  ];
}

function needs(id: string): Found {
  return found('skipped', `needs ${id}`);
}

function checkHash({ hash: { recorded, computed } }: OriginalRecord): Found {
  return recorded === computed
    ? found('pass', computed)
    : found('fail', `the record says ${recorded}, its content hashes to ${computed}`, 'hash.mismatch');
}

async function checkSigned({ signature, hash }: OriginalRecord): Promise<Found> {
  return signature === undefined
    ? found('absent', 'the record is unsigned', 'signature.none', 'anyone could have written it')
    : checkSignature(signature, hashBytes(hash.recorded));
}

function hashBytes(hash: string): Bytes {
  return fromHex(hash.replace('sha256:', ''))!;
}

function judgeSigner(record: OriginalRecord, signature: Found, trust: Trust): Found {
  if (signature.status === 'absent') return found('absent', 'the record is unsigned');
  return signature.status === 'pass'
    ? checkSigner(record.signature!.publicKey, trust)
    : needs('record.signature');
}

/** The original's own verifier didn't look at it. */
function checkResultDigest({ resultDigest }: OriginalRecord): Check[] {
  if (resultDigest === undefined) return [];
  const { recorded, computed } = resultDigest;
  return [
    makeCheck(
      'result.digest',
      'SHA-256',
      recorded === computed
        ? found('pass', computed)
        : found('fail', `the record says ${recorded}, its counts hash to ${computed}`, 'result.mismatch'),
    ),
  ];
}

/** Either SDK keys a count by all the qubits, so that widths are judged alike; which end is qubit 0 differs. */
function checkCounts({ counts, qubits, shots, sdk }: OriginalRecord): Found {
  let sum = 0n;
  for (const [outcome, count] of counts) {
    if (BigInt(outcome.length) !== qubits)
      return found('fail', `outcome ${outcome} has ${outcome.length} bits, not ${qubits}`, 'counts.result');
    sum += count;
  }
  const end = sdk === 'qiskit' ? 'right' : 'left';
  return sum === shots
    ? found('pass', `${counts.size} outcomes, ${shots} shots, qubit 0 on the ${end}`)
    : found('fail', `the counts add up to ${sum}, not to ${shots} shots`, 'counts.result');
}

function checkTimes(record: OriginalRecord, skew: number, now: number): Found {
  const { startedAt, finishedAt, createdAt } = record;
  const stages = [startedAt, finishedAt, ...(createdAt === undefined ? [] : [createdAt])];
  const times = stages.map((text) => parseTime(text)!);
  if (times[0]! > times[1]! + skew) return found('fail', 'finished before it started', 'times.order');
  if (times[1]! > times.at(-1)! + skew) return found('fail', 'recorded before it finished', 'times.order');
  if (times.at(-1)! > now + skew)
    return found(
      'unknown',
      `${stages.at(-1)} is in the future here`,
      'times.future',
      "check this machine's clock",
    );
  return found('pass', stages.join(' → '));
}

async function checkRebuild(record: OriginalRecord, askSdk: AskSdk | undefined): Promise<Found> {
  const { qubits, depth, seed, circuitHash } = record;
  if (sizeOf(record) > MAX_DRAWN) return found('unknown', `more than ${MAX_DRAWN} gates`, 'circuit.size');
  if (seed === undefined || circuitHash === undefined) return describeToy(record);
  const drawn = { qubits, depth, seed };
  if (askSdk !== undefined) return askReal(record, drawn, circuitHash, askSdk);
  return record.sdk === 'qiskit'
    ? compareQiskit(record, drawn, circuitHash)
    : found(
        'unknown',
        `${circuitHash} is of Cirq's own JSON, which can't be written without Cirq`,
        'circuit.sdk-text',
        'verify with --python and a Python that has Cirq',
      );
}

/** "0.1" holds neither a circuit nor a hash of one: it is built for whoever wants to compare. */
function describeToy({ qubits, depth, theta }: OriginalRecord): Found {
  const nothing = 'the format holds no circuit to compare with';
  if (depth < 1n) return found('absent', nothing);
  const parameters = { n_qubits: Number(qubits), depth: Number(depth), theta: Number(theta) };
  try {
    const circuit = buildWorkload(findWorkload('toy-param-circuit')!, parameters);
    return found('absent', `${nothing}; its parameters make ${circuitDigest(circuit)}`);
  } catch (error) {
    // Python took angles that no gate list of ours holds.
    if (!(error instanceof QpoeError)) throw error;
    return found('absent', nothing);
  }
}

function compareQiskit({ sdkVersion }: OriginalRecord, drawn: DrawnBy, circuitHash: string): Found {
  const expected = qiskitTextDigest(drawn);
  if (expected === circuitHash) return found('pass', circuitHash);
  return isKnownQiskit(sdkVersion!)
    ? found('fail', `the record says ${circuitHash}, not ${expected}`, 'circuit.mismatch')
    : found(
        'unknown',
        `the record says ${circuitHash}, not ${expected}; what Qiskit ${sdkVersion} writes isn't known here`,
        'circuit.sdk-version',
        'verify with --python and a Python that has that Qiskit',
      );
}

/** Qiskit's text of these circuits, compared release by release: 1.0 to 2.6 write the same. */
function isKnownQiskit(version: string): boolean {
  return /^(?:1\.\d+|2\.[0-6])\./.test(version);
}

/** Another release may write another text: only the very one that the record names can contradict it. */
async function askReal(
  record: OriginalRecord,
  drawn: DrawnBy,
  circuitHash: string,
  askSdk: AskSdk,
): Promise<Found> {
  const { digest, version, title } = await askSdk({
    sdk: record.sdk,
    n_qubits: Number(drawn.qubits),
    depth: Number(drawn.depth),
    seed: String(drawn.seed),
  });
  const answer = { relies_on: title };
  if (digest === circuitHash) return { ...found('pass', circuitHash), ...answer };
  if (version === record.sdkVersion)
    return {
      ...found('fail', `the record says ${circuitHash}, ${title} makes ${digest}`, 'circuit.mismatch'),
      ...answer,
    };
  return record.sdk === 'qiskit'
    ? compareQiskit(record, drawn, circuitHash)
    : found(
        'unknown',
        `the record says ${circuitHash}, ${title} makes ${digest}, and the record is of ${record.sdkVersion}`,
        'circuit.sdk-version',
        `verify with a Python that has Cirq ${record.sdkVersion}`,
      );
}
