/** The hook, run by the real pre-commit on a repository of bundles. */

import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BIN, newPlace, type Place } from '../cli.ts';
import { pythonTool } from './tools.ts';

const root = join(import.meta.dirname, '../..');
const tool = pythonTool('pre-commit', '4.3.0');

describe.skipIf('reason' in tool)(`pre-commit${'reason' in tool ? ` (skipped: ${tool.reason})` : ''}`, () => {
  it('verifies what is committed, whatever it is called', () => {
    const place = newPlace();
    const above = (name: string): string => join(place.folder, '..', name);
    mkdirSync(above('bin'));
    writeFileSync(above('bin/qpoe'), `#!/bin/sh\nexec '${process.execPath}' '${BIN}' "$@"\n`);
    chmodSync(above('bin/qpoe'), 0o755);
    place.environment.PATH = `${above('bin')}:${process.env.PATH}`;
    place.environment.GIT_CONFIG_COUNT = '0';

    mkdirSync(above('hooks'));
    cpSync(join(root, '.pre-commit-hooks.yaml'), above('hooks/.pre-commit-hooks.yaml'));
    git(place, above('hooks'), 'init', '--quiet');
    git(place, above('hooks'), 'add', '--all');
    git(place, above('hooks'), 'commit', '--quiet', '--message', 'hooks');
    const rev = git(place, above('hooks'), 'rev-parse', 'HEAD');

    place.qpoe('run');
    place.qpoe('bundle', 'last', '--out', 'good.qpoe.json');
    const config = `repos:\n  - repo: ${above('hooks')}\n    rev: ${rev}\n    hooks:\n      - id: qpoe-verify\n`;
    writeFileSync(place.path('.pre-commit-config.yaml'), config);
    git(place, place.folder, 'init', '--quiet');
    expect(hook(place)).toEqual([0, expect.stringContaining('Passed')]);

    // Were it read as a flag, this policy, which trusts the stranger, would be the one that counts.
    const stranger = newPlace();
    stranger.qpoe('run');
    stranger.qpoe('bundle', 'last', '--out', place.path('theirs.qpoe.json'));
    cpSync(join(stranger.home, 'trust.toml'), place.path('mine.qpoe.json'));
    chmodSync(place.path('mine.qpoe.json'), 0o600);
    cpSync(place.path('theirs.qpoe.json'), place.path('--policy=mine.qpoe.json'));
    const [code, shown] = hook(place);
    expect([code, shown]).toEqual([1, expect.stringContaining('SIGNER UNKNOWN')]);
    expect(shown).toContain('--policy=mine.qpoe.json');
  });
});

function git(place: Place, cwd: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(
    'git',
    ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args],
    { cwd, env: place.environment, encoding: 'utf8' },
  );
  expect([status, stderr]).toEqual([0, '']);
  return stdout.trim();
}

function hook(place: Place): [number | null, string] {
  git(place, place.folder, 'add', '--all', '.');
  const { status, stdout, stderr } = spawnSync(
    (tool as { readonly path: string }).path,
    ['run', '--all-files', '--verbose'],
    { cwd: place.folder, env: place.environment, encoding: 'utf8' },
  );
  return [status, stdout + stderr];
}
