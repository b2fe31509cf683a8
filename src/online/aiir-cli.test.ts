import { chmodSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { makeReceiptByAiir } from './aiir-cli.ts';
import type { GitLimits } from './git.ts';

const place = mkdtempSync(join(realpathSync(tmpdir()), 'qpoe-aiir-'));
afterAll(() => rmSync(place, { recursive: true, force: true }));

const SHA = '82'.repeat(20);
const RECEIPT = `{ "type": "aiir.commit_receipt",\n "commit": {"sha": "${SHA}"}, "extensions": {} }\n\n`;

/** An `aiir` that writes down how it was called. */
const limitsFor = (script: string): GitLimits => {
  const bin = mkdtempSync(join(place, 'bin-'));
  writeFileSync(
    join(bin, 'aiir'),
    `#!/bin/sh\nfor a in "$@"; do echo "$a"; done > ${place}/called\n${script}\n`,
  );
  chmodSync(join(bin, 'aiir'), 0o755);
  const env = { PATH: `${bin}${delimiter}${process.env.PATH}`, GIT_DIR: '/elsewhere' };
  return { env, signal: new AbortController().signal };
};
const printing = (text: string) => limitsFor(`cat <<'END'\n${text}\nEND`);
const run = (limits: GitLimits) => makeReceiptByAiir(place, SHA, undefined, limits);
const failing = (message: string) =>
  expect.objectContaining({ code: 'external', message: expect.stringContaining(message) });

it("gives back aiir's own bytes", async () => {
  expect(Buffer.from(await run(printing(RECEIPT))).toString()).toBe(`${RECEIPT}\n`);
  expect(readFileSync(join(place, 'called'), 'utf8')).toBe(`--json\n--quiet\n--commit\n${SHA}\n`);
});

it('is asked in the folder of the repository, of that repository only', async () => {
  const limits = limitsFor(
    `echo "{\\"commit\\":{\\"sha\\":\\"${SHA}\\"},\\"at\\":\\"$PWD\\",\\"dir\\":\\"$GIT_DIR\\"}"`,
  );
  expect(JSON.parse(Buffer.from(await run(limits)).toString())).toMatchObject({ at: place, dir: '' });
});

it('is told what the person declares, never as an option', async () => {
  await makeReceiptByAiir(place, SHA, { tool: '--sign', model: 'm 1' }, printing(RECEIPT));
  expect(readFileSync(join(place, 'called'), 'utf8')).toContain('--agent-tool=--sign\n--agent-model=m 1\n');
});

it('is not believed where it prints anything else', async () => {
  await expect(run(printing('hello'))).rejects.toEqual(
    failing(`aiir printed no receipt of ${SHA}: unexpected "h"`),
  );
  await expect(run(printing(RECEIPT.replace('8282', '8283')))).rejects.toEqual(
    failing('it is of another commit'),
  );
  for (const text of ['null', '[]', '{}', '{"commit":[]}', `[${RECEIPT}]`, ''])
    await expect(run(printing(text))).rejects.toEqual(failing('aiir printed no receipt'));
});

it('fails in its own words', async () => {
  const script = 'echo "❌ Not inside a git repository." >&2; echo "hint: cd" >&2; exit 1';
  await expect(run(limitsFor(script))).rejects.toEqual(
    failing('aiir failed: exit code 1: ❌ Not inside a git repository.'),
  );
});

it('is missed by name, with how to install it', async () => {
  const limits = { env: { PATH: join(place, 'nowhere') }, signal: new AbortController().signal };
  await expect(run(limits)).rejects.toMatchObject({
    code: 'external',
    message: "aiir can't be started: aiir: no such program",
    hint: expect.stringContaining('pipx install aiir'),
  });
  await expect(
    makeReceiptByAiir(join(place, 'gone'), SHA, undefined, printing(RECEIPT)),
  ).rejects.toMatchObject({
    code: 'external',
  });
});
