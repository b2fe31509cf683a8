/** The list of what can't be had any more, for a spreadsheet (RFC 4180). */

import { printable } from '../core/printable.ts';
import type { Imported } from './import-jobs.ts';

const HEADER = ['job_id', 'what', 'created', 'backend', 'private', 'reason', 'record_id'];

/** Jobs without results that had some, and jobs that the service doesn't give. */
export function isGone(imported: Imported): boolean {
  return imported.state === 'refused' || (imported.state !== 'pending' && imported.outcome === 'gone');
}

export function goneCsv(all: readonly Imported[]): string {
  const rows = all
    .filter(isGone)
    .map((imported) => [
      imported.jobId,
      whatOf(imported),
      imported.job?.created ?? '',
      imported.job?.backend ?? '',
      String(imported.job?.private === true),
      'reason' in imported ? (imported.reason ?? '') : '',
      'recordId' in imported ? imported.recordId : '',
    ]);
  return [HEADER, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

function whatOf(imported: Imported): string {
  if (imported.state !== 'refused') return 'results gone';
  // A service that fails may give it the next time.
  return imported.error.code === 'external' ? 'not given yet' : 'refused';
}

/** A spreadsheet takes a text that begins so for a formula, and the provider's words are not ours. */
function cell(text: string): string {
  const shown = printable(text, 500);
  const harmless = /^[=+\-@\t\r]/.test(shown) ? `'${shown}` : shown;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
