/** The person's own words on a record: `--label` and `--note`. */

import type { RecordContent } from '../record/record.ts';

export interface LabelOptions {
  readonly label?: string;
  readonly note?: string;
}

export function describeLabels({ label, note }: LabelOptions): Pick<RecordContent, 'labels'> {
  if (label === undefined && note === undefined) return {};
  return { labels: { ...(label === undefined ? {} : { label }), ...(note === undefined ? {} : { note }) } };
}
