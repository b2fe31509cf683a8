/** A run as a record's content, with the objects to keep beside it. */

import { circuitBytes, circuitDigest } from '../../circuit/circuit.ts';
import { type Observable, observablesObject } from '../../circuit/observable.ts';
import { utf8 } from '../../core/bytes.ts';
import { digestOf } from '../../core/digest.ts';
import type { JsonObject } from '../../core/json.ts';
import type { RecordContent } from '../../record/record.ts';
import { summarizeCounts } from '../../record/result.ts';
import { BIT_ORDER, type Program, type Result } from '../../record/schema.ts';
import type { ExpectationOutcome } from '../../sdk/expectation-values.ts';
import type { JobOutcome } from '../../sdk/sdk.ts';
import { describeLabels, type LabelOptions } from '../record/labels.ts';
import { VERSION } from '../version.ts';
import type { PlannedJob, PlannedProgram } from './planned-job.ts';

export interface RunTimes {
  readonly startedAt: string;
  readonly finishedAt: string;
}

export interface DescribedRun {
  readonly content: RecordContent;
  readonly objects: readonly Uint8Array[];
}

/** @param shots of each program */
export function describeRun(
  job: PlannedJob,
  sdk: string,
  outcome: JobOutcome,
  { shots, ...times }: RunTimes & { readonly shots: number },
  labels: LabelOptions,
): DescribedRun {
  const programs = outcome.programs.map(({ source, executed, counts }, index): RanProgram => {
    const { result, object } = summarizeCounts(counts, job.programs[index]!.circuit.bits);
    return {
      source,
      executed: executed === undefined ? [] : [executed],
      shots,
      result,
      objects: object === undefined ? [] : [object],
    };
  });
  return describe(job, sdk, { ...outcome, programs }, times, labels);
}

export function describeExpectations(
  job: PlannedJob,
  sdk: string,
  outcome: ExpectationOutcome,
  { observables, ...times }: RunTimes & { readonly observables: readonly Observable[] },
  labels: LabelOptions,
): DescribedRun {
  const object = observablesObject(observables);
  const programs = outcome.programs.map(
    ({ values, errors, ...program }): RanProgram => ({
      ...program,
      observables: digestOf(object),
      result: { kind: 'expectation', values: [...values], std_errors: [...errors] },
      objects: [object],
    }),
  );
  return describe(job, sdk, { ...outcome, programs }, times, labels);
}

interface Text {
  readonly format: string;
  readonly text: string;
}

interface RanProgram extends Pick<Program, 'shots' | 'observables'> {
  readonly source: Text;
  readonly executed: readonly Text[];
  readonly result: Result;
  readonly objects: readonly Uint8Array[];
}

interface Ran extends Pick<JobOutcome, 'backend' | 'raw' | 'environment'> {
  readonly seeding: JsonObject | JobOutcome['seeding'];
  readonly programs: readonly RanProgram[];
}

function describe(
  job: PlannedJob,
  sdk: string,
  outcome: Ran,
  { startedAt, finishedAt }: RunTimes,
  labels: LabelOptions,
): DescribedRun {
  const programs = job.programs.map((planned, index) => describeProgram(planned, outcome.programs[index]!));
  const executed = describeExecuted(outcome);
  const content: RecordContent = {
    workload: {
      name: job.name,
      sdk,
      parameters: { ...job.parameters },
      shots: outcome.programs.reduce((sum, { shots }) => sum + shots, 0),
      programs: programs.map(({ program }) => program),
    },
    execution: {
      class: 'executed',
      backend: outcome.backend,
      started_at: startedAt,
      finished_at: finishedAt,
      bit_order: BIT_ORDER,
      result_summary: outcome.programs.map(({ result }) => result),
      result_digest: digestOf(outcome.raw),
      environment: { ...outcome.environment, qpoe: VERSION },
      seeding: { ...outcome.seeding },
      job: {},
      calibration: {},
      executed_circuits: executed.map(({ program, format, bytes }) => ({
        program,
        format,
        digest: digestOf(bytes),
      })),
      timing: {},
      mitigation: {},
    },
    ...describeLabels(labels),
  };
  const objects = programs.flatMap((program) => program.objects);
  return { content, objects: [...objects, ...executed.map(({ bytes }) => bytes), outcome.raw] };
}

function describeProgram(
  { circuit, values, input }: PlannedProgram,
  { source, observables, shots, objects }: RanProgram,
): { readonly program: Program; readonly objects: readonly Uint8Array[] } {
  const text = utf8(source.text);
  const program: Program = {
    circuit: circuitDigest(circuit),
    ...(input === undefined ? {} : { input: { format: input.format, digest: digestOf(input.bytes) } }),
    source: { format: source.format, digest: digestOf(text) },
    values: { ...values },
    ...(observables === undefined ? {} : { observables }),
    shots,
  };
  return {
    program,
    objects: [circuitBytes(circuit), text, ...(input === undefined ? [] : [input.bytes]), ...objects],
  };
}

function describeExecuted({ programs }: Ran) {
  return programs.flatMap(({ executed }, program) =>
    executed.map(({ format, text }) => ({ program, format, bytes: utf8(text) })),
  );
}
