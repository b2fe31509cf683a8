/** The circuits of a record as gate lists: out of the bundle, or made again from the named workload. Only those whose digest is the record's. */

import { type Circuit, circuitDigest } from '../src/circuit/circuit.ts';
import { emitOpenQasm3 } from '../src/circuit/openqasm3.ts';
import { readCircuit } from '../src/circuit/read-circuit.ts';
import { buildWorkload, findWorkload } from '../src/circuit/workloads.ts';
import { QpoeError } from '../src/core/error.ts';
import { JsonError, parseJsonBytes } from '../src/core/json.ts';
import { decodeArtifact } from '../src/verify/bundle.ts';
import type { Evidence } from '../src/verify/evidence-content.ts';
import type { CircuitView } from './evidence-view.ts';

const MOST = 8;

export function findCircuits({ record: { workload }, bundle }: Evidence): readonly CircuitView[] {
  const rebuilt = rebuild(workload.name, workload.parameters);
  return workload.programs.slice(0, MOST).flatMap(({ circuit: digest }, program) => {
    if (digest === undefined) return [];
    const artifact = bundle?.artifacts[digest];
    const found = [rebuilt, artifact && readGateList(decodeArtifact(artifact))].find(
      (circuit) => circuit !== undefined && circuitDigest(circuit) === digest,
    );
    return found === undefined ? [] : [{ program, digest, circuit: found, openQasm: textOf(found) }];
  });
}

function rebuild(name: string, parameters: Readonly<Record<string, unknown>>): Circuit | undefined {
  const workload = findWorkload(name);
  return workload && quietly(() => buildWorkload(workload, parameters));
}

function readGateList(bytes: Uint8Array | undefined): Circuit | undefined {
  return bytes && quietly(() => readCircuit(parseJsonBytes(bytes)).value);
}

/** Not every circuit can be said in the text that all SDKs read. */
function textOf(circuit: Circuit): string | undefined {
  return quietly(() => emitOpenQasm3(circuit));
}

/** What evidence says may be no circuit; whether it has to be one is for the checks. */
function quietly<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof QpoeError || error instanceof JsonError) return undefined;
    throw error;
  }
}
