/** What `qpoe replay` runs: the very job that a record names. The record may be anyone's: nothing in it is taken to fit the rest. */

import type { Circuit } from '../../circuit/circuit.ts';
import type { Observable } from '../../circuit/observable.ts';
import { QpoeError } from '../../core/error.ts';
import { printable } from '../../core/printable.ts';
import { NOT_REPLAYED } from '../../publish/reproduction.ts';
import type { ExecutionRecord, Program } from '../../record/schema.ts';
import { type ExpectationJob, measuredLabels } from '../../sdk/expectation-values.ts';
import type { Job } from '../../sdk/sdk.ts';
import { SDK_NAMES } from '../../sdk/sdk-names.ts';
import { findCircuit, findObservables } from '../../verify/held-objects.ts';
import { checkObservables } from '../run/plan-observables.ts';
import type { NamedRecord } from '../show/named-record.ts';
import { resultAt } from './compared-results.ts';

/** @throws QpoeError `refused` for what can't be run again, with the reason */
export function jobOf(named: NamedRecord): Job | ExpectationJob {
  refuseOthersRuns(named);
  const { record, read } = named;
  const { programs } = record.workload;
  const circuits = programs.map((program, at) => held(findCircuit(program, read), at, 'its circuit'));
  const seed = seedOf(record);
  const isExpectation = programs.some((program, at) => expectsValues(record, program, at));
  if (isExpectation) return { circuits, seed, ...measurementOf(named, circuits) };
  return { seed, programs: circuits.map((circuit, at) => ({ circuit, shots: programs[at]!.shots })) };
}

function refuseOthersRuns({ record: { workload, execution }, path }: NamedRecord): void {
  if (execution.class !== 'executed')
    throw refuse(`${path} can't be replayed: ${NOT_REPLAYED[execution.class]}`);
  if (!SDK_NAMES.includes(workload.sdk))
    throw refuse(`${path} can't be replayed: this version knows no SDK "${printable(workload.sdk, 60)}"`);
}

function seedOf({ execution }: ExecutionRecord): number {
  const { requested } = execution.seeding;
  if (typeof requested === 'number' && Number.isSafeInteger(requested) && requested >= 0) return requested;
  throw refuse("it can't be replayed: the record names no seed");
}

function expectsValues(record: ExecutionRecord, program: Program, at: number): boolean {
  return program.observables !== undefined || resultAt(record, at).kind === 'expectation';
}

/** One run has the same observables and shots in all its programs; where they differ, it was none of ours. */
function measurementOf(
  { record, read }: NamedRecord,
  circuits: readonly Circuit[],
): Pick<ExpectationJob, 'observables' | 'shots'> {
  const { programs } = record.workload;
  const [first] = programs;
  const observables = held(findObservables(first!, read), 0, 'its observables');
  checkObservables(observables, circuits);
  for (const [at, { observables: digest, shots }] of programs.entries()) {
    if (digest !== first!.observables || shots !== first!.shots)
      throw refuse(`program ${at} can't be replayed: its observables or shots are others than program 0's`);
    const result = resultAt(record, at);
    if (result.kind === 'counts')
      throw refuse(`program ${at} can't be replayed: it names observables, and holds counts`);
    if (result.kind === 'expectation' && result.values.length !== observables.length)
      throw refuse(
        `program ${at} can't be replayed: it holds ${result.values.length} values of ${observables.length} observables`,
      );
  }
  return { observables, shots: shotsOfEach(first!.shots, observables) };
}

/** The record holds the sum over all products of Paulis; 0 is an exact value's. */
function shotsOfEach(all: number, observables: readonly Observable[]): number | undefined {
  if (all === 0) return undefined;
  const shots = all / measuredLabels(observables).length;
  if (Number.isSafeInteger(shots)) return shots;
  throw refuse(`it can't be replayed: its ${all} shots don't divide among what its observables measure`);
}

function held<T extends object>(found: T | string, program: number, what: string): T {
  if (typeof found !== 'string') return found;
  throw refuse(
    `program ${program} can't be replayed: ${printable(found, 300)}`,
    `give its bundle, or name the store that holds ${what} by --store`,
  );
}

function refuse(message: string, hint = 'run its circuit anew, and `qpoe compare` the two'): QpoeError {
  return new QpoeError('refused', message, hint);
}
