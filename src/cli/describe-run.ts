/** A run as a record's content, with the objects to keep beside it. */

import { circuitBytes, circuitDigest } from '../circuit/circuit.ts';
import { utf8 } from '../core/bytes.ts';
import { digestOf } from '../core/digest.ts';
import type { RecordContent } from '../record/record.ts';
import { summarizeCounts } from '../record/result.ts';
import { BIT_ORDER, type Program } from '../record/schema.ts';
import type { JobOutcome, ProgramOutcome } from '../sdk/sdk.ts';
import { describeLabels, type LabelOptions } from './labels.ts';
import type { PlannedJob, PlannedProgram } from './planned-job.ts';
import { VERSION } from './version.ts';

export interface RunFacts {
  /** Of each program. */
  readonly shots: number;
  readonly startedAt: string;
  readonly finishedAt: string;
}

export interface DescribedRun {
  readonly content: RecordContent;
  readonly objects: readonly Uint8Array[];
}

export function describeRun(
  job: PlannedJob,
  sdk: string,
  outcome: JobOutcome,
  { shots, startedAt, finishedAt }: RunFacts,
  labels: LabelOptions,
): DescribedRun {
  const programs = job.programs.map((planned, index) =>
    describeProgram(planned, outcome.programs[index]!, shots),
  );
  const executed = describeExecuted(outcome);
  const content: RecordContent = {
    workload: {
      name: job.name,
      sdk,
      parameters: { ...job.parameters },
      shots: shots * job.programs.length,
      programs: programs.map(({ program }) => program),
    },
    execution: {
      class: 'executed',
      backend: outcome.backend,
      started_at: startedAt,
      finished_at: finishedAt,
      bit_order: BIT_ORDER,
      result_summary: programs.map(({ result }) => result),
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
  { source, counts }: ProgramOutcome,
  shots: number,
) {
  const text = utf8(source.text);
  const { result, object } = summarizeCounts(counts, circuit.bits);
  const program: Program = {
    circuit: circuitDigest(circuit),
    ...(input === undefined ? {} : { input: { format: input.format, digest: digestOf(input.bytes) } }),
    source: { format: source.format, digest: digestOf(text) },
    values: { ...values },
    shots,
  };
  const objects = [
    circuitBytes(circuit),
    text,
    ...(input === undefined ? [] : [input.bytes]),
    ...(object === undefined ? [] : [object]),
  ];
  return { program, result, objects };
}

function describeExecuted({ programs }: JobOutcome) {
  return programs.flatMap(({ executed }, program) =>
    executed === undefined ? [] : [{ program, format: executed.format, bytes: utf8(executed.text) }],
  );
}
