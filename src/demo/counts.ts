/** The smallest lie about a result: one shot from its most frequent outcome to its rarest. Every sum stays right. */

import type { ExecutionRecord } from '../record/schema.ts';

type Execution = ExecutionRecord['execution'];

/** @param execution of one program, whose counts stand in the record */
export function moveShot(execution: Execution): Execution {
  const [result, ...rest] = execution.result_summary;
  if (result?.kind !== 'counts' || !('counts' in result)) throw new Error('the sample has no inline counts');
  const byCount = Object.entries(result.counts).sort(([, a], [, b]) => b - a);
  const [from, most] = byCount[0]!;
  const [to, least] = byCount.at(-1)!;
  const counts = { ...result.counts, [from]: most - 1, [to]: least + 1 };
  return { ...execution, result_summary: [{ ...result, counts }, ...rest] };
}

export function withShotMoved(record: ExecutionRecord): ExecutionRecord {
  return { ...record, execution: moveShot(record.execution) };
}
