/**
 * When which shots ran, as the provider tells it:
 *
 *     {"__type__":"ExecutionSpans","__value__":{"spans":[
 *       {"__type__":"ExecutionSpan","__value__":{"start":datetime,"stop":datetime,"data_slices":{"0":[[2,8],0,16]}}}]}}
 *
 * Other kinds of span (DoubleSliceSpan, TwirledSliceSpan, TwirledSliceSpanV2) differ in how they name the shots.
 */

import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import { asEncoded } from '../../record/job-results/encoded.ts';
import { providerTime } from '../provider-time.ts';

export interface Span {
  readonly start: string;
  readonly stop: string;
  /** Indexes of the PUBs that ran in it. */
  readonly pubs: readonly number[];
}

/** Of a result's metadata, wherever they stand in it; undefined where there are none that are understood. */
export function findSpans(metadata: JsonObject): readonly Span[] | undefined {
  const { execution } = metadata;
  const held = isJsonObject(execution) ? execution.execution_spans : metadata.execution_spans;
  const encoded = asEncoded(held);
  const list = isJsonObject(encoded?.value) ? encoded.value.spans : held;
  if (!Array.isArray(list)) return undefined;
  const spans = (list as JsonValue[]).map(readSpan);
  return spans.every((span) => span !== undefined) ? spans : undefined;
}

function readSpan(value: JsonValue): Span | undefined {
  const members = asEncoded(value)?.value;
  if (!isJsonObject(members)) return undefined;
  const start = readTime(members.start);
  const stop = readTime(members.stop);
  if (start === undefined || stop === undefined) return undefined;
  const slices = isJsonObject(members.data_slices) ? Object.keys(members.data_slices) : [];
  return { start, stop, pubs: slices.map(Number).filter(Number.isSafeInteger) };
}

function readTime(value: JsonValue | undefined): string | undefined {
  const text = asEncoded(value)?.type === 'datetime' ? asEncoded(value)!.value : value;
  return typeof text === 'string' ? providerTime(text) : undefined;
}
