/** Everything that the page computes, apart from what it looks like. It runs in the worker, or in the page where there is none. */

import { circuitDigest } from '../src/circuit/circuit.ts';
import { readCircuit } from '../src/circuit/read-circuit.ts';
import { utf8 } from '../src/core/bytes.ts';
import { digestOf } from '../src/core/digest.ts';
import { QpoeError } from '../src/core/error.ts';
import { inflateZlib } from '../src/core/inflate.ts';
import { MAX_BYTES, parseJsonBytes } from '../src/core/json.ts';
import { printable } from '../src/core/printable.ts';
import { readZip } from '../src/publish/read-zip.ts';
import { isZipLike } from '../src/publish/zip-layout.ts';
import { sampleCounts } from '../src/simulator/sampler.ts';
import type { Verdict } from '../src/verify/check.ts';
import { describePolicy } from '../src/verify/describe-policy.ts';
import { readFingerprint } from '../src/verify/fingerprint.ts';
import { type Policy, parsePolicy } from '../src/verify/policy.ts';
import { signerPrints } from '../src/verify/signer-prints.ts';
import type { Trust } from '../src/verify/trust.ts';
import { verifyBytes } from '../src/verify/verify.ts';
import { verifyArchiveHere } from './archive-verdict.ts';
import { viewEvidence } from './evidence-view.ts';
import type {
  Advance,
  Answer,
  ChosenTrust,
  PolicyView,
  Request,
  Sampled,
  Verified,
  VerifyRequest,
} from './protocol.ts';
import { takeStep } from './walkthrough.ts';

/** What throws anything but a `QpoeError` here is a fault of this program, and no verdict. */
export async function answer(request: Request, advance?: Advance): Promise<Answer> {
  try {
    return await answerTo(request, advance);
  } catch (error) {
    if (!(error instanceof QpoeError)) throw error;
    return { kind: 'refused', reason: error.message, hint: error.hint };
  }
}

async function answerTo(request: Request, advance?: Advance): Promise<Answer> {
  switch (request.kind) {
    case 'verify':
      return { kind: 'verified', verified: await verify(request, advance) };
    case 'policy':
      return { kind: 'policy', policy: viewPolicy(request.toml, request.name) };
    case 'fingerprint':
      return { kind: 'fingerprint', fingerprint: readFingerprint(request.text, 'What you gave,') };
    case 'step':
      return { kind: 'step', taken: await takeStep(request.step, request.sample) };
    case 'sample-counts':
      return { kind: 'sampled', sampled: sample(request) };
  }
}

export async function verify(request: VerifyRequest, advance: Advance = async () => true): Promise<Verified> {
  const { trust, beside, member, now = Date.now() } = request;
  const bytes = member === undefined ? request.bytes : unpack(request.bytes, member);
  const started = performance.now();
  const means = { inflate: inflateZlib };
  const { verdict, archive } =
    member === undefined && isZipLike(bytes)
      ? await verifyArchiveHere(bytes, trustOf(trust), now, means, advance)
      : { verdict: await verifyBytes(bytes, trustOf(trust), now, { ...means, readBeside: () => beside }) };
  const ms = performance.now() - started;
  refuseOversize(bytes.length, verdict);
  const view = archive === undefined ? viewEvidence(bytes, verdict) : undefined;
  return { verdict, digest: digestOf(bytes), size: bytes.length, ms, view, archive };
}

/** Of an archive that has been judged: what is asked for is one of the bundles that stood there. */
function unpack(archive: Uint8Array, member: string): Uint8Array {
  const { value: zip, fault } = readZip(archive);
  const isHere = zip?.entries.some(({ name }) => name === member);
  const { value, fault: damage } = isHere ? zip!.unpack(member) : { fault: `${member} is not there` };
  if (value === undefined) throw new QpoeError('usage', printable(fault ?? damage!));
  return value;
}

/** As on the command line: what wraps a document may be larger than one, and was read before anyone knew what it is. */
function refuseOversize(size: number, { kind }: Verdict): void {
  if (size > MAX_BYTES && !['statement', 'receipt', 'archive'].includes(kind))
    throw new QpoeError('refused', `the file has ${size} bytes, over the limit of ${MAX_BYTES}`);
}

const policies = new Map<string, Policy>();

/** One policy object a text: keys are imported once for each. */
function policyOf(toml: string, name: string): Policy {
  const policy = policies.get(toml) ?? parsePolicy(toml, name);
  policies.set(toml, policy);
  return policy;
}

function trustOf(chosen: ChosenTrust): Trust {
  return chosen.kind === 'policy'
    ? { kind: 'policy', policy: policyOf(chosen.toml, chosen.name), path: chosen.name }
    : chosen;
}

function viewPolicy(toml: string, name: string): PolicyView {
  const policy = policyOf(toml, name);
  const { signer = [], keyless = [], log = [], timestamp_authority: authorities = [] } = policy;
  return {
    signers: signer.map((one) => ({ name: one.name, prints: signerPrints(one) })),
    words: describePolicy(policy, name),
    digest: digestOf(utf8(toml)),
    unused: [
      ...(keyless.length > 0 ? ['keyless' as const] : []),
      ...(log.some(({ trusted_root: root }) => root !== undefined) ? ['trusted_root' as const] : []),
      ...(authorities.length > 0 ? ['timestamp_authority' as const] : []),
    ],
  };
}

/** The embedded simulator, as `qpoe run` has it: the same seed gives the same counts. */
function sample({
  circuit: text,
  shots,
  seed,
  program,
}: Extract<Request, { kind: 'sample-counts' }>): Sampled {
  const { value: circuit, fault } = readCircuit(parseJsonBytes(utf8(text)));
  if (fault !== undefined) throw new QpoeError('usage', fault);
  return {
    digest: circuitDigest(circuit),
    counts: Object.fromEntries(sampleCounts(circuit, shots, seed, program)),
  };
}
