/** What a record names by digest and doesn't hold: circuits, texts, raw results. */

import type { Digest } from '../core/digest.ts';
import type { ExecutionRecord } from './schema.ts';

/** Each once, in the order in which the record names them. */
export function namedDigests({ workload, execution }: ExecutionRecord): ReadonlySet<Digest> {
  const ofPrograms = workload.programs.flatMap(({ circuit, input, source, observables }) => [
    circuit,
    input?.digest,
    source?.digest,
    observables,
  ]);
  const ofResults = execution.result_summary.map((result) =>
    'digest' in result ? result.digest : undefined,
  );
  const executed = execution.executed_circuits.map(({ digest }) => digest);
  const all = [...ofPrograms, execution.result_digest, ...ofResults, ...executed];
  return new Set(all.filter((digest) => digest !== undefined)) as ReadonlySet<Digest>;
}
