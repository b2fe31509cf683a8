/** A person's folder beside a service of the test's own, and what was recorded there. */

import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { newPlace, type Place } from './cli.ts';
import { environmentOf, type IbmService, run, type ServedJob, startService } from './ibm-service.ts';

export async function labWith(...jobs: readonly ServedJob[]): Promise<{ service: IbmService; place: Place }> {
  const service = await startService(jobs);
  return { service, place: newPlace(environmentOf(service)) };
}

export const recordFiles = (place: Place): string[] =>
  place.files().filter((file) => file.includes('/records/'));
export const readRecords = (place: Place) =>
  recordFiles(place).map((file) => JSON.parse(readFileSync(place.path(file), 'utf8')));
export const importJob = (place: Place, ...args: string[]) => run(place, 'runtime', 'import', ...args);

/** One record of each job, every one of which verifies. */
export function expectOnce(place: Place, ...ids: readonly string[]): void {
  const recorded = readRecords(place).map(({ execution }) => execution.job.job_id);
  expect(recorded.sort()).toEqual([...ids].sort());
  const verified = place.qpoe('verify', '.qpoe/records');
  expect(verified.code, verified.stdout).toBe(0);
}

export const objectFile = (digest: string): string =>
  `.qpoe/objects/sha256/${digest.slice(7, 9)}/${digest.slice(9)}`;
