/** Anchors at the command line, on real chains of our own: the embedded one, and an anvil behind a node that may lie. */

import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { KEY, lab, requireAnchor, states } from '../anchor-lab.ts';
import { newPlace } from '../cli.ts';
import { NO_ANVIL } from '../lying-node.ts';

describe.skipIf(NO_ANVIL)('the embedded chain', () => {
  it('is started, used, pinned and stopped by one command', () => {
    const place = lab();
    const { code, stdout, stderr } = place.qpoe('anchor', 'submit');
    expect(stdout).toMatch(
      /^finalized 1 entry of \S+\.qpoe\.internal\nin block {2}2 0x[0-9a-f]{64} of local \(chain 31337, no evidence of time\), contract 0x[0-9a-f]{40}\n$/,
    );
    expect(stderr).toContain('on the local chain: no evidence of time');
    expect(stderr).toMatch(/trust\.toml pins block 2 of it/);
    expect(code).toBe(0);
    requireAnchor(place);
    place.qpoe('bundle', '--out', 'b.json');
    const verified = place.qpoe('verify', 'b.json');
    expect(verified.stdout).toMatch(/^PASS: signed by "me"/);
    expect(verified.stdout).toMatch(/pass {4}anchor\.block .*\n.*pinned in your policy: no evidence of time/);
    expect(verified.stdout).not.toContain('time.existed_by');
  });

  it('is told nothing twice, and takes each growth of the log', () => {
    const place = lab();
    place.qpoe('anchor', 'submit');
    expect(place.qpoe('anchor', 'submit').stdout).toMatch(/^finalized 1 entry/);
    expect(states(place)).toEqual(['finalized', 'finalized']);
    place.qpoe('run', '--seed', '2');
    expect(place.qpoe('anchor', 'submit').stdout).toMatch(/^finalized 2 entries/);
    expect(place.qpoe('anchor', 'submit', '--record', 'last').stdout).toMatch(/^finalized record /);
    expect(place.qpoe('anchor', 'submit', '--record', 'last').stdout).toMatch(/^finalized record /);
    expect(states(place)).toHaveLength(4);
    expect(place.qpoe('anchor', 'status').stdout.split('\n').slice(0, -1)).toEqual([
      expect.stringMatching(/^finalized local {2}the contract 0x[0-9a-f]{40}, block 1$/),
      expect.stringMatching(/^finalized local {2}1 entry of .*, block 2$/),
      expect.stringMatching(/^finalized local {2}2 entries of .*, block \d+$/),
      expect.stringMatching(/^finalized local {2}record .*, block \d+$/),
    ]);
  });

  it('anchors earlier records by the smallest tree that holds them, and the same parts make the same bundle', () => {
    const place = lab();
    place.qpoe('anchor', 'submit');
    const bundle = () => {
      place.qpoe('bundle', 'last', '--out', 'b.json');
      return readFileSync(place.path('b.json'), 'utf8');
    };
    const before = bundle();
    place.qpoe('run', '--seed', '2');
    place.qpoe('anchor', 'submit');
    const [, older] = JSON.parse(place.qpoe('list', '--json').stdout).records;
    place.qpoe('bundle', older.record_id, '--out', 'b.json');
    expect(readFileSync(place.path('b.json'), 'utf8')).toBe(before);
    const { anchors } = JSON.parse(bundle());
    expect(anchors).toHaveLength(1);
    expect(anchors[0]).toMatchObject({ event: 'checkpoint', size: 2, consistency: [] });
  });

  it('says what a submission would cost, and sends nothing', () => {
    const place = lab();
    const { code, stdout } = place.qpoe('anchor', 'submit', '--dry-run');
    expect(stdout).toMatch(
      /^would send to local \(chain 31337, no evidence of time\), from 0x[0-9a-f]{40}\ngas {7}up to \d+, at up to [\d.]+ gwei\ncost {6}[\d.]+ now, at most [\d.]+\ncalldata {2}0x[0-9a-f]+\n$/,
    );
    expect(code).toBe(0);
  });

  it('of two stores is two chains with one name', () => {
    const place = lab();
    place.qpoe('anchor', 'submit');
    place.qpoe('run', '--store', 'other');
    expect(place.qpoe('anchor', 'submit', '--store', 'other').code).toBe(0);
    requireAnchor(place);
    for (const store of ['.qpoe', 'other']) {
      place.qpoe('bundle', '--store', store, '--out', 'b.json');
      expect(place.qpoe('verify', 'b.json').stdout).toMatch(/^PASS/);
    }
  });

  it('begins anew where its state is lost: what was anchored stays proven', () => {
    const place = lab();
    place.qpoe('anchor', 'submit');
    place.qpoe('bundle', '--out', 'b.json');
    rmSync(place.path('.qpoe', 'chain', 'state.json'));
    place.qpoe('run', '--seed', '2');
    expect(place.qpoe('anchor', 'submit').stdout).toMatch(/^finalized 2 entries/);
    requireAnchor(place);
    expect(place.qpoe('verify', 'b.json').stdout).toMatch(/^PASS/);
  });

  it('whose state is damaged says which file, and changes nothing', () => {
    const place = lab();
    place.qpoe('anchor', 'submit');
    writeFileSync(place.path('.qpoe', 'chain', 'state.json'), '{');
    const { code, stderr } = place.qpoe('anchor', 'submit');
    expect(stderr).toMatch(/^qpoe: anvil does not start: .*; if .*state\.json is damaged, take it away/m);
    expect(code).toBe(4);
    expect(readFileSync(place.path('.qpoe', 'chain', 'state.json'), 'utf8')).toBe('{');
  });
});

describe('without a chain', () => {
  it('an installation without anvil says what to install', () => {
    const root = join(import.meta.dirname, '../..');
    const installed = mkdtempSync(join(tmpdir(), 'qpoe-installed-'));
    onTestFinished(() => rmSync(installed, { recursive: true, force: true }));
    for (const part of ['package.json', 'dist/bin', 'contracts'])
      cpSync(join(root, part), join(installed, part), { recursive: true });
    const place = lab();
    const { status, stderr } = spawnSync(
      process.execPath,
      [join(installed, 'dist/bin/qpoe.js'), 'anchor', 'submit'],
      { cwd: place.folder, env: { ...place.environment, PATH: '/usr/bin:/bin' }, encoding: 'utf8' },
    );
    expect(stderr).toMatch(/^qpoe: no anvil for the local chain; npm install --global @foundry-rs\/anvil/m);
    expect(status).toBe(4);
  });

  it('there is nothing to anchor in an empty store', () => {
    const place = newPlace();
    expect(place.qpoe('anchor', 'submit')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no store'),
    });
  });

  it.each([
    [['submit', '--chain', 'base'], 'no node of the chain base is known; give --rpc-url, or rpc_url under'],
    [['submit', '--chain', 'local', '--rpc-url', 'http://127.0.0.1:1'], 'local is the chain in the store'],
    [['submit', '--rpc-url', 'http://example.org'], 'an RPC address that is not https'],
    [['submit', '--max-fee', 'x', '--rpc-url', 'http://127.0.0.1:1'], '--max-fee x is no price in gwei'],
    [['submit', '--wait', 'x'], '--wait: not a whole number of seconds'],
    [['submit', '--record', 'ffff'], 'no record "ffff"'],
  ])('%j is refused', (args, message) => {
    const { code, stderr } = lab().qpoe('anchor', ...args);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });

  it('a node that is not there is one line, without its address’s secrets', () => {
    const { code, stderr } = lab({ QPOE_CHAIN_KEY: KEY }).qpoe(
      ...['anchor', 'submit', '--rpc-url', 'http://127.0.0.1:1/v2/SECRET'],
    );
    expect(stderr).toMatch(/^qpoe: the node 127\.0\.0\.1:1 can't be used: .*\n$/);
    expect(stderr).not.toContain('SECRET');
    expect(code).toBe(4);
  });
});
