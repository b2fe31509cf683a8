/** Bundles at the command line: what is missing, the parts as files, and what was pending added later. */

import { createHash, createPublicKey, verify } from 'node:crypto';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pae } from '../src/attest/dsse.ts';
import { parseLogProof } from '../src/tlog/proof.ts';
import { newPlace, type Place } from './cli.ts';
import { NO_ANVIL } from './lying-node.ts';

function lab(): Place {
  const place = newPlace();
  expect(place.qpoe('run', '--n-qubits', '2', '--depth', '1').code).toBe(0);
  return place;
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

describe('what is missing', () => {
  it('is nothing of a record that was stated and logged, unless your policy wants more', () => {
    const place = lab();
    expect(place.qpoe('bundle', 'last', '--require', '--out', 'b.json').code).toBe(0);
    appendFileSync(join(place.home, 'trust.toml'), '\n[require.bundle]\nanchor = true\nreceipt = true\n');
    const { code, stderr } = place.qpoe('bundle', 'last', '--out', 'b.json');
    expect(stderr).toContain('without receipt.signature: your policy demands it: no receipt by a signer');
    expect(stderr).toContain('without anchor.block: your policy demands it: no anchor of this record');
    expect(code).toBe(0);
  });

  it('is named, and an error where that is asked', () => {
    const place = newPlace();
    place.qpoe('run', '--record-only');
    const named = place.qpoe('bundle', '--out', 'b.json');
    expect(named.stderr).toContain('without statements: no statements: `qpoe attest statement` makes them');
    const [object] = readdirSync(place.path('.qpoe/objects/sha256'));
    rmSync(place.path('.qpoe/objects/sha256', object!), { recursive: true });
    const { code, stderr } = place.qpoe('bundle', '--require', '--out', 'required.json');
    expect(stderr).toMatch(
      /^qpoe: the bundle is not complete: artifacts: by digest alone .*sha256:[0-9a-f]{64}; statements: .*; nothing was written$/m,
    );
    expect(code).toBe(2);
    expect(place.files()).not.toContain('required.json');
    expect(JSON.parse(place.qpoe('bundle', '--json', '--out', 'b.json').stdout).missing).toMatchObject([
      { part: 'artifacts' },
      { part: 'statements' },
    ]);
  });
});

describe('unpack', () => {
  it('writes parts that are what they are called, and that verify by other means', () => {
    const place = lab();
    place.qpoe('bundle', '--out', 'job.qpoe.json');
    const { code, stderr } = place.qpoe('bundle', 'unpack', 'job.qpoe.json');
    expect(stderr).toContain('nothing was judged: qpoe verify job.qpoe.json');
    expect(code).toBe(0);
    const folder = place.path('job.unpacked');
    const read = (...path: string[]) => readFileSync(join(folder, ...path));
    const record = JSON.parse(String(read('record.json')));
    expect(`sha256:${sha256(read('record.core.json'))}`).toBe(record.record.hash);
    for (const name of readdirSync(join(folder, 'artifacts')))
      expect(sha256(read('artifacts', name))).toBe(name);
    const name = readdirSync(join(folder, 'statements')).find((file) =>
      /^\d-p256-.*\.sigstore\.json$/.test(file),
    )!;
    const stem = name.replace('.sigstore.json', '');
    const key = createPublicKey(read('keys', `${stem.slice(2)}.pem`));
    const payload = new Uint8Array(read('statements', `${stem}.payload.json`));
    const message = pae('application/vnd.in-toto+json', payload);
    expect(verify('sha256', message, key, read('statements', `${stem}.sig`))).toBe(true);
    expect(JSON.parse(String(read('statements', name)))).toEqual(
      JSON.parse(
        readFileSync(place.path('.qpoe/statements', record.record.record_id, storedName(place)), 'utf8'),
      ),
    );
    const proof = readdirSync(join(folder, 'log')).find((file) => file.endsWith('.tlog-proof'))!;
    expect(parseLogProof(read('log', proof)).value).toMatchObject({ index: 0, hashes: [] });
    expect(place.qpoe('verify', join(folder, 'record.json')).stdout).toMatch(/^PASS/);
  });

  const storedName = (place: Place) =>
    readdirSync(place.path('.qpoe/statements'), { recursive: true })
      .map(String)
      .find((file) => /p256-/.test(file))!
      .split('/')[1]!;

  it('is the same files each time, and writes over none', () => {
    const place = lab();
    place.qpoe('bundle', '--out', 'b.json');
    place.qpoe('bundle', 'unpack', 'b.json', '--out', 'one');
    place.qpoe('bundle', 'unpack', 'b.json', '--out', 'two');
    const all = (folder: string) =>
      place
        .files()
        .filter((file) => file.startsWith(`${folder}/`))
        .map((file) => [file.slice(4), String(readFileSync(place.path(file)))]);
    expect(all('one')).toEqual(all('two'));
    const { code, stderr } = place.qpoe('bundle', 'unpack', 'b.json', '--out', 'one');
    expect(stderr).toMatch(/^qpoe: one: not a new folder; name one that is not there yet$/m);
    expect(code).toBe(2);
    mkdirSync(place.path('empty'));
    expect(place.qpoe('bundle', 'unpack', 'b.json', '--out', 'empty').code).toBe(2);
    expect(place.qpoe('bundle', 'unpack', 'b.json', '--out', 'no/where').code).toBe(2);
  });

  const refused = (place: Place, edit: (bundle: { artifacts: Record<string, unknown> }) => unknown) => {
    place.qpoe('bundle', '--out', 'b.json');
    const edited = edit(JSON.parse(readFileSync(place.path('b.json'), 'utf8')));
    writeFileSync(place.path('bad.json'), JSON.stringify(edited));
    const before = place.files();
    const { code, stderr } = place.qpoe('bundle', 'unpack', 'bad.json', '--out', 'out');
    expect(place.files()).toEqual(before);
    expect(code).toBe(2);
    return stderr;
  };

  it.each([
    '../x',
    '../../x',
    'sha256:../../../../tmp/x',
    '/etc/x',
    `sha256:${'0'.repeat(63)}/`,
    '__proto__',
  ])('refuses an artifact called %s', (name) => {
    const artifact = { encoding: 'utf8', data: 'x' };
    const stderr = refused(lab(), (bundle) => ({
      ...bundle,
      artifacts: JSON.parse(
        JSON.stringify(bundle.artifacts).replace(
          '{',
          `{${JSON.stringify(name)}:${JSON.stringify(artifact)},`,
        ),
      ),
    }));
    expect(stderr).toMatch(/^qpoe: bad\.json: artifacts/);
  });

  it('refuses an artifact whose digest lies, two records, and a layer that it doesn’t know', () => {
    const place = lab();
    const lying = refused(place, (bundle) => {
      const [digest] = Object.keys(bundle.artifacts);
      return {
        ...bundle,
        artifacts: { ...bundle.artifacts, [digest!]: { encoding: 'utf8', data: 'other' } },
      };
    });
    expect(lying).toMatch(
      /what stands under sha256:[0-9a-f]{64} has another digest; it was changed: get the file anew/,
    );
    expect(refused(place, (bundle) => ({ ...bundle, layer: [] }))).toContain('unknown member "layer"');
    writeFileSync(
      place.path('two.json'),
      readFileSync(place.path('b.json'), 'utf8').replace('"record":', '"record":{},"record":'),
    );
    expect(place.qpoe('bundle', 'unpack', 'two.json').stderr).toMatch(/two\.json: .*record/);
    expect(place.qpoe('verify', 'two.json')).toMatchObject({ code: 1 });
  });

  it('holds 10,000 artifacts', () => {
    const place = lab();
    const stderr = refused(place, (bundle) => {
      const many = Array.from({ length: 100_001 }, (_, n) => [
        `sha256:${sha256(Buffer.from(String(n)))}`,
        { encoding: 'utf8', data: String(n) },
      ]);
      return { ...bundle, artifacts: Object.fromEntries(many) };
    });
    expect(stderr).toContain('more than 100000 artifacts');
    const bundle = JSON.parse(readFileSync(place.path('b.json'), 'utf8'));
    for (let n = 0; n < 10_000; n++)
      bundle.artifacts[`sha256:${sha256(Buffer.from(String(n)))}`] = { encoding: 'utf8', data: String(n) };
    writeFileSync(place.path('many.json'), JSON.stringify(bundle));
    expect(place.qpoe('bundle', 'unpack', 'many.json', '--out', 'many').code).toBe(0);
    expect(readdirSync(place.path('many/artifacts')).length).toBeGreaterThan(10_000);
    // The record names none of them.
    expect(place.qpoe('verify', 'many.json').stdout).toMatch(/^FAIL: artifact\.digest/);
  });
});

describe('upgrade', () => {
  it.skipIf(NO_ANVIL)('adds an anchor that was made since, and changes nothing twice', () => {
    const place = lab();
    place.qpoe('bundle', '--out', 'b.json');
    const before = readFileSync(place.path('b.json'), 'utf8');
    expect(place.qpoe('bundle', 'upgrade', 'b.json')).toMatchObject({
      code: 0,
      stdout: 'nothing to add to b.json\n',
    });
    expect(readFileSync(place.path('b.json'), 'utf8')).toBe(before);
    place.qpoe('anchor', 'submit');
    expect(place.qpoe('bundle', 'upgrade', 'b.json').stdout).toBe('upgraded  b.json: 1 anchors\n');
    place.qpoe('bundle', '--out', 'anew.json');
    expect(readFileSync(place.path('b.json'), 'utf8')).toBe(readFileSync(place.path('anew.json'), 'utf8'));
    expect(place.qpoe('verify', 'b.json').stdout).toMatch(/^PASS/);
  });

  it('keeps what the store has no more', () => {
    const place = lab();
    place.qpoe('bundle', '--out', 'b.json');
    const before = JSON.parse(readFileSync(place.path('b.json'), 'utf8'));
    rmSync(place.path('.qpoe/statements'), { recursive: true });
    rmSync(place.path('.qpoe/objects'), { recursive: true });
    mkdirSync(place.path('.qpoe/objects'));
    expect(place.qpoe('bundle', 'upgrade', 'b.json').stdout).toBe('nothing to add to b.json\n');
    expect(JSON.parse(readFileSync(place.path('b.json'), 'utf8'))).toEqual(before);
  });

  it('refuses a bundle whose record the store doesn’t have', () => {
    const place = lab();
    place.qpoe('bundle', '--out', 'b.json');
    place.qpoe('run', '--store', 'other');
    const { code, stderr } = place.qpoe('bundle', 'upgrade', 'b.json', '--store', 'other');
    expect(stderr).toMatch(/other has no record \S+ with this hash; upgrade it where it was made/);
    expect(code).toBe(2);
  });
});
