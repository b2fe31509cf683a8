/** `qpoe compare`: do two records' results agree? It verifies neither. */

import { QpoeError } from '../../core/error.ts';
import { printable } from '../../core/printable.ts';
import { type Comparison, compareResults } from '../../statistics/comparison.ts';
import type { Context } from '../context.ts';
import type { ExitCode } from '../exit.ts';
import { checkOut } from '../output.ts';
import { type NamedRecord, readNamedRecord } from '../show/named-record.ts';
import { comparisonJson, OUTCOME_EXITS, resultsOf } from './compared-results.ts';
import { explainOutcome, paint, renderPrograms } from './render-comparison.ts';
import { refuseIncomparable, type Sameness, sameCircuits } from './same-circuit.ts';

export interface CompareOptions {
  readonly anyway?: boolean;
  readonly html?: string;
  readonly out?: string;
}

/** What was compared with what, and what came of it. */
export interface Compared {
  readonly a: NamedRecord;
  readonly b: NamedRecord;
  readonly circuits: Sameness;
  readonly comparison: Comparison;
}

export async function compare(
  context: Context,
  [nameA, nameB]: readonly [string, string],
  options: CompareOptions,
): Promise<ExitCode> {
  checkOut(options.html, '--html');
  if (options.html !== undefined && [options.out, nameA, nameB].includes(options.html))
    throw new QpoeError('usage', `--html ${options.html} is a file that is in use here`, 'name another');
  const [a, b] = [readNamedRecord(context, nameA), readNamedRecord(context, nameB)];
  refuseIncomparable(a.record, b.record);
  const circuits = sameCircuits(a.record, b.record);
  if (circuits !== 'same' && options.anyway !== true) throw otherCircuits(circuits);
  const comparison = compareResults(resultsOf(a.record, a.read), resultsOf(b.record, b.read));
  const compared: Compared = { a, b, circuits, comparison };
  report(context, compared);
  if (options.html !== undefined) {
    (await import('./compare-html.ts')).writeComparison(options.html, compared);
    context.note(`page    ${options.html}`);
  }
  return OUTCOME_EXITS[comparison.outcome];
}

function otherCircuits(circuits: Sameness): QpoeError {
  return circuits === 'different'
    ? new QpoeError(
        'refused',
        'A and B ran different circuits',
        '--anyway compares their results all the same',
      )
    : new QpoeError(
        'refused',
        'whether A and B ran the same circuit can’t be said: they name no gate list in common',
        '--anyway compares their results all the same',
      );
}

export const HEADLINES = {
  agree: ['green', 'AGREE'],
  differ: ['red', 'DIFFER'],
  unknown: ['yellow', "CAN'T SAY"],
} as const;

export const CIRCUITS: Readonly<Record<Sameness, string>> = {
  same: 'the same',
  different: 'different ones, compared all the same',
  unknown: 'not known to be the same, compared all the same',
};

function report(context: Context, { a, b, circuits, comparison }: Compared): void {
  const [colour, word] = HEADLINES[comparison.outcome];
  context.say(`${paint(['bold', colour], word)}: ${explainOutcome(comparison)}`);
  context.say(`A        ${describeRecord(a)}`);
  context.say(`B        ${describeRecord(b)}`);
  context.say(`circuit  ${CIRCUITS[circuits]}`);
  for (const line of renderPrograms(comparison, process.stdout.columns ?? 80)) context.say(line);
  context.note('nothing was verified here: `qpoe verify` says whether a record is what was signed');
  context.answer('compare', {
    a: identify(a),
    b: identify(b),
    circuits,
    ...comparisonJson(comparison),
  });
}

export function describeRecord({ record, path }: NamedRecord): string {
  const { workload, execution } = record;
  return printable(
    `${path}: ${workload.name} on ${workload.sdk} (${execution.backend}), ${workload.shots} shots`,
    1000,
  );
}

export function identify({ record, path }: NamedRecord): object {
  return { path, record_id: record.record.record_id, hash: record.record.hash };
}
