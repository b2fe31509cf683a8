/** A paper's archive among the tools of others: 60 records of two figures, the RO-Crate validator, cffconvert. */

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { CITED, filesOf } from '../archives.ts';
import { newPlace, type Place } from '../cli.ts';
import { pythonTool } from './tools.ts';

const MINUTES = 60_000;
const CIRCUIT =
  'OPENQASM 3.0;\ninclude "stdgates.inc";\ninput angle theta;\nqubit[2] q;\nbit[2] c;\nrx(theta) q[0];\ncx q[0], q[1];\nc = measure q;\n';

/** 30 points of a sweep, and 30 of a workload by depth. */
function runSixty(place: Place): void {
  writeFileSync(place.path('sweep.qasm'), CIRCUIT);
  for (let n = 0; n < 30; n++) {
    const theta = `theta=${(n / 10).toFixed(1)}`;
    expect(place.qpoe('run', '-q', 'sweep.qasm', '--param', theta, '--label', 'sweep').code).toBe(0);
    expect(place.qpoe('run', '-q', '--depth', String(n + 1), '--label', 'depth').code).toBe(0);
  }
}

function unpack(place: Place, archive: string, folder: string): string {
  for (const [name, bytes] of filesOf(place.path(archive))) {
    mkdirSync(dirname(place.path(folder, name)), { recursive: true });
    writeFileSync(place.path(folder, name), bytes);
  }
  return place.path(folder);
}

it(
  '60 records, two figures: published, verified, cited, and read by others’ tools',
  ({ skip }) => {
    const place = newPlace();
    runSixty(place);
    const rich = ['--title', 'Two figures', '--description', 'Sixty runs', '--doi', '10.5281/zenodo.123'];
    const { stdout, code } = place.qpoe(
      'publish',
      'fig2=label:sweep',
      'fig3=label:depth',
      ...CITED,
      ...rich,
      '--out',
      'paper.zip',
    );
    expect(code).toBe(0);
    expect(stdout).toContain('figure  fig2: 30 records\nfigure  fig3: 30 records\n');
    const [, signer] = /Signer: (sha256:[0-9a-f]{64})/.exec(stdout)!;
    const reviewer = newPlace();
    writeFileSync(reviewer.path('paper.zip'), readFileSync(place.path('paper.zip')));
    const verified = reviewer.qpoe('verify', 'paper.zip', '--signer', signer!);
    expect(verified.stdout).toMatch(/ {2}fig2\n✓ pass .*\n +30 records /);
    expect(verified.stdout).toMatch(/ {2}fig3\n✓ pass .*\n +30 records /);
    expect(verified.code).toBe(0);

    // With what someone else found it is a crate too.
    expect(reviewer.qpoe('reproduce', 'paper.zip', '-q').stdout).toMatch(/^REPRODUCED: 60 identical\n/);
    writeFileSync(place.path('r.json'), readFileSync(reviewer.path('reproduction.json')));
    const figures = ['fig2=label:sweep', 'fig3=label:depth', ...CITED, ...rich];
    expect(place.qpoe('publish', ...figures, '--reproduction', 'r.json', '--out', 'paper.zip').code).toBe(0);
    expect(place.qpoe('verify', 'paper.zip').stdout).toMatch(
      /archive\.reproduction [^\n]*\n +ran 60 of 60 records again: 60 identical; /,
    );

    const folder = unpack(place, 'paper.zip', 'crate');
    const cff = pythonTool('cffconvert', '2.0.0');
    const validator = pythonTool('roc-validator', '0.13.0', 'rocrate-validator', ['rocrate==0.13.0']);
    for (const tool of [cff, validator]) if ('reason' in tool) skip(tool.reason);
    if ('reason' in cff || 'reason' in validator) return;
    const cited = spawnSync(cff.path, ['--validate', '-i', join(folder, 'CITATION.cff')], {
      encoding: 'utf8',
    });
    expect(cited.stdout + cited.stderr).toContain('Citation metadata are valid');
    expect(cited.status).toBe(0);

    const cache = place.path('context');
    const python = join(dirname(validator.path), 'python');
    const warmed = spawnSync(python, [join(import.meta.dirname, 'warm_context.py'), cache], {
      encoding: 'utf8',
    });
    expect(warmed.status, warmed.stderr).toBe(0);
    const validate = (path: string) =>
      spawnSync(
        validator.path,
        [
          '-y',
          'validate',
          '-p',
          'process-run-crate-0.5',
          '--no-paging',
          '--offline',
          '--cache-path',
          cache,
          path,
        ],
        { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1', COLUMNS: '200' } },
      );
    const valid = validate(folder);
    expect(valid.stdout).toContain('RO-Crate is a valid process-run-crate-0.5');
    expect(valid.status).toBe(0);
    // The validator is one that can fail.
    const crate = join(folder, 'ro-crate-metadata.json');
    writeFileSync(crate, readFileSync(crate, 'utf8').replaceAll('"instrument"', '"other"'));
    expect(validate(folder).status).not.toBe(0);

    place.qpoe(
      'publish',
      'all',
      '--license',
      'CC0-1.0',
      '--anonymous',
      '--date',
      '2026-11-22',
      '--out',
      'blind.zip',
    );
    const blind = validate(unpack(place, 'blind.zip', 'blind'));
    expect(blind.stdout).toContain('RO-Crate is a valid process-run-crate-0.5');
  },
  15 * MINUTES,
);
