/** Completion in the real shells: keys typed into a terminal, as a person types them. */

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BIN, newPlace, type Place } from '../cli.ts';

const CLEAR = '\u0015';
const has = (shell: string): boolean => spawnSync(shell, ['--version']).status === 0;
const title = (shell: string): string => (has(shell) ? shell : `${shell} (skipped: it isn't installed)`);

/** A folder with `qpoe` on the PATH and one bundle in it. */
function shellPlace(): Place {
  const bin = (place: Place): string => join(place.folder, '../bin');
  const place = newPlace();
  mkdirSync(bin(place));
  writeFileSync(join(bin(place), 'qpoe'), `#!/bin/sh\nexec '${process.execPath}' '${BIN}' "$@"\n`);
  chmodSync(join(bin(place), 'qpoe'), 0o755);
  place.environment.PATH = `${bin(place)}:${process.env.PATH}`;
  writeFileSync(place.path('aaa.qpoe.json'), '');
  return place;
}

function type(place: Place, command: readonly string[], keys: readonly string[]): string {
  const { stdout, status, stderr } = spawnSync(
    'python3',
    [join(import.meta.dirname, 'terminal.py'), JSON.stringify(command), JSON.stringify(keys)],
    { cwd: place.folder, env: place.environment, encoding: 'utf8' },
  );
  expect([status, stderr]).toEqual([0, '']);
  return stdout;
}

const TYPED = ['qpoe ver\t', 'aa\t', `${CLEAR}qpoe run --sdk qis\t`, `${CLEAR}qpoe log fs\t`];

function expectCompleted(shown: string): void {
  expect(shown).toContain('qpoe verify ');
  expect(shown).toContain('aaa.qpoe.json');
  expect(shown).toContain('qpoe run --sdk qiskit');
  expect(shown).toContain('qpoe log fsck');
}

describe.skipIf(!has('bash'))(title('bash'), () => {
  it('completes commands, values and files, without the bash-completion package', () => {
    const shell = ['bash', '--norc', '--noprofile', '-i'];
    expectCompleted(type(shellPlace(), shell, ['source <(qpoe completion bash)\n', ...TYPED]));
  });

  it('shows nothing of it where it wasn’t asked for', () => {
    expect(type(shellPlace(), ['bash', '--norc', '--noprofile', '-i'], TYPED)).not.toContain('qpoe verify');
  });
});

describe.skipIf(!has('zsh'))(title('zsh'), () => {
  it('completes commands, values and files', () => {
    const setup = ['autoload -Uz compinit && compinit -u -D\n', 'source <(qpoe completion zsh)\n'];
    expectCompleted(type(shellPlace(), ['zsh', '-f', '-i'], [...setup, ...TYPED]));
  });
});

describe.skipIf(!has('fish'))(title('fish'), () => {
  const complete = (line: string): string[] => {
    const place = shellPlace();
    const { stdout, stderr } = spawnSync(
      'fish',
      ['--no-config', '-c', `qpoe completion fish | source; complete -C '${line}'`],
      { cwd: place.folder, env: place.environment, encoding: 'utf8' },
    );
    expect(stderr).toBe('');
    return stdout
      .trim()
      .split('\n')
      .map((found) => found.split('\t')[0]!);
  };

  it('completes commands, values and files', () => {
    expect(complete('qpoe ver')).toEqual(['verify']);
    expect(complete('qpoe verify aa')).toEqual(['aaa.qpoe.json']);
    expect(complete('qpoe run --sdk ')).toEqual(expect.arrayContaining(['simulator', 'qiskit', 'cirq']));
    expect(complete('qpoe log fs')).toEqual(['fsck']);
  });
});
