/** A person's Python beside the package of this repository, in a place of its own. */

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import type { ExecutionRecord } from '../src/record/schema.ts';
import { newPlace, type Place } from './cli.ts';

const PACKAGES = join(import.meta.dirname, '../python');

export interface NotebookPlace extends Place {
  /** Runs a script; what it prints last is its answer, as JSON. */
  python(script: string, extra?: NodeJS.ProcessEnv): { code: number | null; stdout: string; stderr: string };
  startPython(script: string): ReturnType<typeof spawn>;
  records(): ExecutionRecord[];
}

export function newNotebookPlace(python: string): NotebookPlace {
  // The package looks for Node on the path, as it does where PyPI's isn't installed.
  const path = `${dirname(process.execPath)}${delimiter}${process.env.PATH}`;
  const place = newPlace({ PATH: path });
  const environment = { ...place.environment, PYTHONPATH: PACKAGES, PYTHONDONTWRITEBYTECODE: '1' };
  const write = (script: string): string => {
    const file = place.path('script.py');
    writeFileSync(file, script);
    return file;
  };
  return {
    ...place,
    python(script, extra = {}) {
      const { status, stdout, stderr } = spawnSync(python, ['-W', 'ignore', write(script)], {
        cwd: place.folder,
        env: { ...environment, ...extra },
        encoding: 'utf8',
      });
      return { code: status, stdout, stderr };
    },
    startPython: (script) =>
      spawn(python, ['-W', 'ignore', write(script)], { cwd: place.folder, env: environment }),
    records() {
      const folder = place.path('.qpoe/records');
      if (!existsSync(folder)) return [];
      return readdirSync(folder)
        .filter((name) => name.endsWith('.json'))
        .sort()
        .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')));
    },
  };
}
