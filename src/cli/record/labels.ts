/** The person's own words on a record: `--label` and `--note`. */

import type { RecordContent } from '../../record/record.ts';

export interface LabelOptions {
  readonly label?: string | undefined;
  readonly note?: string | undefined;
}

export function describeLabels({ label, note }: LabelOptions): Pick<RecordContent, 'labels'> {
  if (label === undefined && note === undefined) return {};
  return { labels: { ...(label === undefined ? {} : { label }), ...(note === undefined ? {} : { note }) } };
}

/** Those that were given, to be put over others. */
export function givenLabels({ label, note }: LabelOptions): LabelOptions {
  return { ...(label === undefined ? {} : { label }), ...(note === undefined ? {} : { note }) };
}
