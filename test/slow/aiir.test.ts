/** Receipts between us and the reference implementation, both ways. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { placeIn } from '../cli.ts';
import { pythonTool } from './tools.ts';

const AIIR = pythonTool('aiir', '1.7.0');
const aiirFolder = 'path' in AIIR ? join(AIIR.path, '..') : '';

const root = mkdtempSync(join(tmpdir(), 'qpoe-aiir-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const place = placeIn(root, { PATH: `${aiirFolder}:${process.env.PATH}` });
const git = (...args: string[]) => {
  const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org'];
  expect(spawnSync('git', [...identity, ...args], { cwd: place.folder }).status).toBe(0);
};
git('init', '-q');
writeFileSync(place.path('run.py'), 'print(1)\n');
git('add', 'run.py');
git('commit', '-qm', 'first');
writeFileSync(place.path('run.py'), 'print(2)\n');
git('commit', '-qam', 'second\n\nCo-authored-by: Claude <noreply@anthropic.com>\n');

describe.skipIf('reason' in AIIR)('reason' in AIIR ? `aiir (${AIIR.reason})` : 'aiir', () => {
  const aiir = (...args: string[]) =>
    spawnSync((AIIR as { path: string }).path, args, {
      cwd: place.folder,
      encoding: 'utf8',
      env: place.environment,
    });

  it.each(['HEAD', 'HEAD~1'])('verifies our receipt of %s', (commit) => {
    expect(place.qpoe('attest', 'receipt', commit, '--out', 'ours.json').code).toBe(0);
    expect(aiir('--verify', 'ours.json')).toMatchObject({ status: 0 });
  });

  it('refuses it with one member changed, as we do', () => {
    const text = readFileSync(place.path('ours.json'), 'utf8');
    writeFileSync(place.path('edited.json'), text.replace('"signal_count": 0', '"signal_count": 1'));
    expect(readFileSync(place.path('edited.json'), 'utf8')).not.toBe(text);
    expect(aiir('--verify', 'edited.json').status).not.toBe(0);
    expect(place.qpoe('verify', 'edited.json').code).toBe(1);
  });

  it.each([
    ['plain', []],
    ['in an in-toto Statement', ['--in-toto']],
  ])('makes a receipt that we take, %s', (_, flags) => {
    const { status, stdout } = aiir('--json', '--quiet', ...flags);
    expect(status).toBe(0);
    writeFileSync(place.path('theirs.json'), stdout);
    expect(place.qpoe('verify', '--integrity-only', 'theirs.json').code).toBe(0);
    const { code, stdout: said } = place.qpoe('verify', 'theirs.json');
    expect(code).toBe(3);
    expect(said).toContain('integrity only: anyone could have written it');
  });

  it('makes the receipt itself where it is asked to, and the run names it', () => {
    const made = place.qpoe('attest', 'receipt', '--aiir', '--json');
    expect(made.code).toBe(0);
    const { receipt_id: id, statements } = JSON.parse(made.stdout);
    expect(place.qpoe('verify', ...statements).code).toBe(0);
    expect(place.qpoe('run', '--receipt', id, '--out', 'record.json').code).toBe(0);
    expect(JSON.parse(readFileSync(place.path('record.json'), 'utf8')).source.receipt.receipt_id).toBe(id);
  });
});
