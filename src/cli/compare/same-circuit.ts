/** Whether two records are about the same thing, so that their results may be held against each other. */

import { count } from '../../core/count.ts';
import { QpoeError } from '../../core/error.ts';
import { canonicalText } from '../../core/jcs.ts';
import type { JsonObject } from '../../core/json.ts';
import type { ExecutionRecord, Program, Result } from '../../record/schema.ts';
import { resultAt } from './compared-results.ts';

/** `unknown`: one of them names no circuit. */
export type Sameness = 'same' | 'different' | 'unknown';

/** @throws QpoeError `refused` where no result of one has a counterpart in the other, whatever anyone wants */
export function refuseIncomparable(a: ExecutionRecord, b: ExecutionRecord): void {
  const [programsA, programsB] = [a.workload.programs.length, b.workload.programs.length];
  if (programsA !== programsB)
    throw refuse(
      `A is a job of ${count(programsA, 'circuit')}, B of ${programsB}`,
      'only jobs with the same number can be compared',
    );
  for (const at of a.workload.programs.keys()) {
    const fault = findFault(resultAt(a, at), resultAt(b, at));
    if (fault !== undefined)
      throw refuse(`program ${at}: ${fault}`, 'only results of one width and kind can be compared');
  }
}

function findFault(a: Result, b: Result): string | undefined {
  if (a.kind === 'none' || b.kind === 'none') return undefined;
  if (a.kind !== b.kind) return `A holds ${NAMES[a.kind]}, B ${NAMES[b.kind]}`;
  if (a.kind === 'counts' && b.kind === 'counts' && a.bits !== b.bits)
    return `outcomes of A have ${a.bits} bits, of B ${b.bits}`;
  if (a.kind === 'expectation' && b.kind === 'expectation' && a.values.length !== b.values.length)
    return `A holds ${a.values.length} values, B ${b.values.length}`;
  return undefined;
}

const NAMES = { counts: 'counts', expectation: 'expectation values' } as const;

/** Of the whole job: different where one program is. */
export function sameCircuits(a: ExecutionRecord, b: ExecutionRecord): Sameness {
  const each = a.workload.programs.map((program, at) => sameProgram(program, b.workload.programs[at]!));
  return each.includes('different') ? 'different' : each.includes('unknown') ? 'unknown' : 'same';
}

/** By the gate list, which is one on every SDK; without it by the source, which is one only where the text is the same. */
function sameProgram(a: Program, b: Program): Sameness {
  if (a.observables !== b.observables) return 'different';
  if (a.circuit !== undefined && b.circuit !== undefined)
    return a.circuit === b.circuit ? 'same' : 'different';
  if (a.source === undefined || b.source === undefined) return 'unknown';
  const isSameText = a.source.digest === b.source.digest && a.source.format === b.source.format;
  // Two texts may say one circuit: only what is equal says something.
  return isSameText && canonicalText(a.values as JsonObject) === canonicalText(b.values as JsonObject)
    ? 'same'
    : 'unknown';
}

function refuse(message: string, hint: string): QpoeError {
  return new QpoeError('refused', message, hint);
}
