import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { newLogPlace } from '../../test/log-place.ts';
import { formatVkey, makeVkey } from '../tlog/vkey.ts';
import { type Home, readOwnPolicy } from './home.ts';
import { rawEd25519 } from './identity.ts';
import { trustOwnLog } from './trust-log.ts';

function newHome(policy?: string): Home {
  const { home } = newLogPlace();
  mkdirSync(home.path, { mode: 0o700 });
  if (policy !== undefined) writeFileSync(home.policy, policy, { mode: 0o600 });
  return home;
}

const KEY = rawEd25519(generateKeyPairSync('ed25519').privateKey);
const vkeyOf = (name: string) => makeVkey(name, 'ed25519', KEY);

it('a log is added once, and only to a policy that is there', () => {
  const home = newHome('version = 1');
  const vkey = vkeyOf('log.example');
  expect([trustOwnLog(home, vkey), trustOwnLog(home, vkey)]).toEqual([true, false]);
  expect(readOwnPolicy(home)?.log).toEqual([{ vkey: formatVkey(vkey) }]);
  const none = newHome();
  expect(trustOwnLog(none, vkey)).toBe(false);
  expect(readdirSync(none.path)).toEqual([]);
});

it('a policy that can’t take a log at its end is left as it is', () => {
  const toml = 'version = 1\nlog = []\n';
  const home = newHome(toml);
  const vkey = vkeyOf('log.example');
  expect(() => trustOwnLog(home, vkey)).toThrow(
    expect.objectContaining({ code: 'refused', hint: expect.stringContaining(formatVkey(vkey)) }),
  );
  expect(readFileSync(home.policy, 'utf8')).toBe(toml);
  expect(readOwnPolicy(home)?.log).toEqual([]);
});

it('eight that are added at the same time are all there', async () => {
  const home = newHome('version = 1\n');
  const script = `
    const { makeVkey } = await import(${JSON.stringify(join(import.meta.dirname, '../tlog/vkey.ts'))});
    const { trustOwnLog } = await import(${JSON.stringify(join(import.meta.dirname, 'trust-log.ts'))});
    const home = JSON.parse(process.argv[1]);
    for (let i = 0; i < 10; i++)
      trustOwnLog(home, makeVkey('log' + i + '.' + process.argv[2], 'ed25519', Uint8Array.from(${JSON.stringify([...KEY])})));`;
  const run = (name: string) =>
    new Promise<number | null>((resolve) => {
      const options = ['--input-type=module', '-e', script, JSON.stringify(home), name];
      spawn(process.execPath, options, { stdio: ['ignore', 'ignore', 'inherit'] }).on('close', resolve);
    });
  expect(await Promise.all([...'abcdefgh'].map(run))).toEqual(Array(8).fill(0));
  expect(new Set(readOwnPolicy(home)?.log?.map(({ vkey }) => vkey)).size).toBe(80);
});
