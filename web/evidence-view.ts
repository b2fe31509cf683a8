/** What a verified file says and how its evidence hangs together, as data for the page to show. Read from the very bytes that were judged. */

import type { Circuit } from '../src/circuit/circuit.ts';
import type { Verdict } from '../src/verify/check.ts';
import {
  type Evidence,
  type EvidenceContent,
  readContent,
  readEvidence,
} from '../src/verify/evidence-content.ts';
import { findCircuits } from './circuits.ts';
import { idealDistribution } from './ideal.ts';
import { type MerklePath, merklePath } from './merkle-path.ts';
import { type ChainLink, proofChain } from './proof-chain.ts';
import { type TimeMark, timesOf } from './time-line.ts';

export interface CircuitView {
  readonly program: number;
  readonly digest: string;
  readonly circuit: Circuit;
  /** Our emitter's, made from the gate list. */
  readonly openQasm?: string | undefined;
}

export interface EvidenceView {
  readonly content: EvidenceContent;
  readonly chain: readonly ChainLink[];
  readonly merkle?: MerklePath | undefined;
  readonly times: readonly TimeMark[];
  readonly circuits: readonly CircuitView[];
  /** Of each result by its place, where its circuit is known and small. */
  readonly ideal: readonly (Readonly<Record<string, number>> | undefined)[];
  /** The parts of a bundle, counted. */
  readonly parts?: { readonly [part: string]: number };
}

export function viewEvidence(bytes: Uint8Array, verdict: Verdict): EvidenceView | undefined {
  const content = readContent(bytes);
  if (content === undefined) return undefined;
  const evidence = readEvidence(bytes);
  const circuits = evidence === undefined ? [] : findCircuits(evidence);
  const merkle = evidence?.bundle && merklePath(evidence.bundle);
  return {
    content,
    chain: proofChain(verdict, merkle),
    merkle,
    times: evidence === undefined ? [] : timesOf(evidence, verdict),
    circuits,
    ideal: content.results.map((_, at) => {
      const known = circuits.find(({ program }) => program === at);
      return known && idealDistribution(known.circuit);
    }),
    ...(evidence?.bundle === undefined ? {} : { parts: countParts(evidence) }),
  };
}

function countParts({ bundle }: Evidence): Record<string, number> {
  const { statements, artifacts, receipts, timestamps, anchors } = bundle!;
  return {
    statements: statements.length,
    artifacts: Object.keys(artifacts).length,
    receipts: receipts.length,
    timestamps: timestamps.length,
    anchors: anchors.length,
  };
}
