/** Someone else's program, which has nothing of this repository but the package. It is compiled, and run. */

import { readAnchor } from 'quantum-proof-of-execution/anchor';
import { pae, statementBytes } from 'quantum-proof-of-execution/attest';
import { buildWorkload, type Circuit, circuitDigest, findWorkload } from 'quantum-proof-of-execution/circuit';
import { type Digest, digestOf, QpoeError, utf8 } from 'quantum-proof-of-execution/core';
import { type ExecutionRecord, readRecord } from 'quantum-proof-of-execution/record';
import schema from 'quantum-proof-of-execution/schema/record.json' with { type: 'json' };
import { sampleCounts } from 'quantum-proof-of-execution/simulator';
import { type Home, homeAt } from 'quantum-proof-of-execution/store';
import { findInclusionFault, leafHash } from 'quantum-proof-of-execution/tlog';
import {
  type Check,
  parsePolicy,
  type Trust,
  type Verdict,
  verifyBytes,
} from 'quantum-proof-of-execution/verify';

const circuit: Circuit = buildWorkload(findWorkload('clifford_t_sampling')!, {
  n_qubits: 3,
  depth: 2,
  seed: 1,
});
const digest: Digest = circuitDigest(circuit);
const counts: ReadonlyMap<string, number> = sampleCounts(circuit, 10, 1);
const shots: number = [...counts.values()].reduce((sum, count) => sum + count, 0);

const leaf = leafHash(utf8('entry'));
const fault: string | undefined = findInclusionFault({ leaf, index: 0, size: 1, root: leaf }, [])?.fault;

const record: ExecutionRecord | undefined = readRecord({}).value;
const anchor: string | undefined = readAnchor({}).fault;
const home: Home = homeAt('/nowhere');
const signed: Uint8Array = pae('type', statementBytes('https://example.com/p', [], {}));

const trust: Trust = { kind: 'policy', policy: parsePolicy('version = 1', 'policy'), path: 'policy' };
const verdict: Verdict = await verifyBytes(utf8('{}'), trust, 0);
const checks: readonly Check[] = verdict.checks;

let refused: string | undefined;
try {
  parsePolicy('version = 2', 'policy');
} catch (error) {
  if (error instanceof QpoeError) refused = error.code;
}

// @ts-expect-error: a verdict is no boolean
const pass: boolean = verdict.verdict;

console.log(
  JSON.stringify({
    digest,
    shots,
    fault,
    record,
    anchor: typeof anchor,
    home: home.policy,
    signed: digestOf(signed),
    verdict: verdict.verdict,
    pass,
    checks: checks.length,
    refused,
    schema: schema.title,
  }),
);
