/** A record as lines for people. It repeats what the record says and judges nothing. */

import { printable } from '../../core/printable.ts';
import type { ExecutionRecord, Result } from '../../record/schema.ts';
import { drawHistogram } from './histogram.ts';

export function describeRecord({ workload, execution, source, labels, record }: ExecutionRecord): string[] {
  const parameters = Object.entries(workload.parameters).map(([name, value]) => `${name}=${value}`);
  const field = (name: string, value: string): string => `${name.padEnd(11)} ${printable(value, 2000)}`;
  return [
    field('record', record.record_id),
    ...(labels?.label === undefined ? [] : [field('label', labels.label)]),
    ...(labels?.note === undefined ? [] : [field('note', labels.note)]),
    field('workload', [workload.name, ...parameters].join(' ')),
    field('ran on', `${workload.sdk}, ${execution.backend} (${execution.class})`),
    field(
      'when',
      `${execution.started_at} to ${execution.finished_at}, by ${execution.class === 'imported' ? "the provider's word" : "the signer's clock"}`,
    ),
    field('shots', String(workload.shots)),
    ...workload.programs.flatMap((program, index) => [
      ...(program.circuit === undefined ? [] : [field('circuit', program.circuit)]),
      ...(program.source === undefined
        ? []
        : [field('source', `${program.source.format} ${program.source.digest}`)]),
      ...describeResult(execution.result_summary[index]),
    ]),
    ...(source?.commit === undefined ? [] : [field('commit', source.commit)]),
    ...Object.entries({ environment: execution.environment, seeding: execution.seeding }).map(
      ([name, section]) => field(name, JSON.stringify(section)),
    ),
    field('hash', record.hash),
    field(
      'signature',
      record.signature === null ? 'none: the record is unsigned' : `Ed25519, key ${record.public_key}`,
    ),
  ];
}

function describeResult(result: Result | undefined): string[] {
  if (result === undefined) return [];
  if (result.kind === 'none') return ['  no result'];
  if (result.kind === 'expectation') return [`  expectation values ${result.values.slice(0, 8).join(', ')}`];
  if ('digest' in result) return [`  ${result.outcomes} outcomes, by digest ${result.digest}`];
  return drawHistogram(new Map(Object.entries(result.counts)));
}
