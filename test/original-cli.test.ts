/** The original's records at the command line. */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { newPlace } from './cli.ts';

const folder = join(import.meta.dirname, '../vectors/original');
const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
const paths = names.map((name) => join(folder, name));

interface Parsed {
  readonly record?: { hash: string; public_key: string };
  readonly artifacts?: { record_hash: string };
  readonly attestation?: { public_key: string };
}

function read(name: string): { hash: string; key: string } {
  const { record, artifacts, attestation } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Parsed;
  return { hash: (record?.hash ?? artifacts?.record_hash)!, key: (record ?? attestation)!.public_key };
}

it('verify: 0 with the keys in a policy, 3 without, 0 for integrity only', () => {
  const place = newPlace();
  const keys = [...new Set(names.map((name) => read(name).key))];
  const signers = keys.map((key, index) => `[[signer]]\nname = "lab ${index}"\ned25519 = "${key}"\n`);
  writeFileSync(place.path('trust.toml'), `version = 1\n${signers.join('')}`);
  expect(place.qpoe('verify', '--policy', 'trust.toml', ...paths)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(`${names.length} files: ${names.length} pass`),
  });
  expect(place.qpoe('verify', ...paths)).toMatchObject({
    code: 3,
    stdout: expect.stringContaining(`${names.length} inconclusive`),
  });
  expect(place.qpoe('verify', '--integrity-only', ...paths).code).toBe(0);
});

it('verify says what the keys and the circuit are worth', () => {
  const place = newPlace();
  const { code, stdout } = place.qpoe('verify', join(folder, 'qpoe-0.1-cirq-4-10-123.json'));
  expect(code).toBe(3);
  expect(stdout).toContain('? unknown circuit.rebuild');
  expect(stdout).toContain('that no one else signed it first');
});

it('hash prints what the original printed, and fails where the record says another', () => {
  const place = newPlace();
  for (const name of names) {
    const path = join(folder, name);
    expect(place.qpoe('hash', path), name).toMatchObject({ code: 0, stdout: `${read(name).hash}\n` });
  }
  const text = readFileSync(join(folder, '0.1-qiskit-theta-1e-07.json'), 'utf8');
  writeFileSync(place.path('edited.json'), text.replace('1e-07', '1e-08'));
  expect(place.qpoe('hash', 'edited.json')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('the record says'),
  });
  writeFileSync(place.path('open.json'), text.replace('"shots"', '"more": 1, "shots"'));
  expect(place.qpoe('hash', 'open.json')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('unknown member "more"'),
  });
});

it('hash --core writes the bytes that Python hashed', () => {
  const place = newPlace();
  const core = place.qpoe('hash', '--core', join(folder, '0.1-cirq-theta-1e16.json')).stdout;
  expect(core).toMatch(
    /^\{"execution":\{"backend":"cirq\.Simulator",.*"theta":1e\+16\},"sdk":"cirq","shots":33\}\}$/,
  );
});

it('inspect shows them readably', () => {
  const place = newPlace();
  const big = place.qpoe('inspect', join(folder, 'qpoe-0.1-qiskit-12-40-2e62.json')).stdout;
  expect(big).toContain('execution record qpoe-0.1 of the original toolkit');
  expect(big).toContain('clifford_t_sampling n_qubits=12 depth=40 seed=4611686018427387905');
  const first = place.qpoe('inspect', join(folder, '0.1-cirq-theta-1.0.json')).stdout;
  expect(first).toContain('execution record 0.1 of the original toolkit');
  expect(first).toContain('theta=1.0');
  expect(first).toContain('qubit 0     on the left of an outcome');
});

it('inspect says what keeps a file from being one', () => {
  const place = newPlace();
  const text = readFileSync(join(folder, 'qpoe-0.1-cirq-defaults.json'), 'utf8');
  writeFileSync(place.path('open.json'), text.replace('"shots"', '"more": 1, "shots"'));
  expect(place.qpoe('inspect', 'open.json').stdout).toContain(
    'JSON, not a record of the original toolkit: workload: unknown member "more"',
  );
});

it('a text that only speaks of the formats is no record', () => {
  const place = newPlace();
  writeFileSync(place.path('notes.md'), 'The format "qpoe-0.1" is read.');
  expect(place.qpoe('verify', '.')).toMatchObject({
    code: 3,
    stdout: expect.stringContaining('UNRECOGNISED'),
  });
});
