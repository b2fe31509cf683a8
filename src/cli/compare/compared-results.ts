/** A record's results as statistics take them, and a comparison as programs read it. */

import type { ExecutionRecord, Result } from '../../record/schema.ts';
import type { ComparableResult, ComparedProgram, Comparison } from '../../statistics/comparison.ts';
import { SIGNIFICANCE } from '../../statistics/significance.ts';
import { findCounts, type ReadObject } from '../../verify/held-objects.ts';
import { EXIT, type ExitCode } from '../exit.ts';

export const OUTCOME_EXITS = {
  agree: EXIT.pass,
  differ: EXIT.fail,
  unknown: EXIT.inconclusive,
} as const satisfies Readonly<Record<Comparison['outcome'], ExitCode>>;

/** A record that nobody verified may lack some. */
export function resultAt({ execution }: ExecutionRecord, program: number): Result {
  return execution.result_summary[program] ?? { kind: 'none' };
}

export function resultsOf(record: ExecutionRecord, read: ReadObject): ComparableResult[] {
  return record.workload.programs.map((program, at) => {
    const result = resultAt(record, at);
    if (result.kind === 'expectation')
      return { kind: 'expectation', values: result.values, errors: result.std_errors };
    const counts = findCounts(result, program, read);
    return typeof counts === 'string' ? { kind: 'none', reason: counts } : { kind: 'counts', counts };
  });
}

/** As `--json` answers it. */
export function comparisonJson({ outcome, tests, programs }: Comparison): object {
  return { outcome, threshold: SIGNIFICANCE, tests, programs: programs.map(programJson) };
}

function programJson(program: ComparedProgram, at: number): object {
  const { outcome, reason, adjusted } = program;
  return {
    program: at,
    outcome,
    ...(reason === undefined ? {} : { reason }),
    ...(adjusted === undefined ? {} : { p_adjusted: adjusted }),
    ...measuredJson(program),
  };
}

function measuredJson(program: ComparedProgram): object {
  if (program.kind === 'none') return {};
  if (program.kind === 'expectation') return { values: program.values };
  const { samples, totalVariation, hellingerFidelity, test } = program;
  return {
    shots: { a: samples.shotsA, b: samples.shotsB },
    total_variation: { value: totalVariation.value, shot_noise: totalVariation.shotNoise },
    hellinger_fidelity: { value: hellingerFidelity.value, shot_noise: hellingerFidelity.shotNoise },
    ...(test === undefined ? {} : { g_test: test }),
  };
}
