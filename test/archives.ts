/** An archive as `qpoe publish` makes it, for tests that change it. */

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { circuitBytes } from '../src/circuit/circuit.ts';
import { buildWorkload, findWorkload } from '../src/circuit/workloads.ts';
import { makeContext } from '../src/cli/context.ts';
import { enterAllKept } from '../src/cli/log/enter-log.ts';
import { statedPayload } from '../src/cli/record/keep.ts';
import { utf8 } from '../src/core/bytes.ts';
import { readZip } from '../src/publish/read-zip.ts';
import { createIdentity, recordSigner } from '../src/store/identity.ts';
import { signStatement } from '../src/store/sign-statement.ts';
import { addStatements, recordStatementsFolder } from '../src/store/statements.ts';
import { addRecord, openOrCreateStore } from '../src/store/store.ts';
import { parsePolicy } from '../src/verify/policy.ts';
import type { Trust } from '../src/verify/trust.ts';
import { type Place, placeIn } from './cli.ts';
import { signedRecord } from './records.ts';

export const CITED = [
  '--license',
  'CC-BY-4.0',
  '--author',
  'Lovelace, Ada; 0000-0002-1825-0097',
  '--date',
  '2026-11-22',
];

/** Three records under one label, one under another: made once, and copied. */
export function fillStore(place: Place): void {
  if (made === undefined) {
    made = placeIn(mkdtempSync(join(tmpdir(), 'qpoe-archives-')));
    const { folder } = made;
    process.on('exit', () => rmSync(dirname(folder), { recursive: true, force: true }));
    runFour(made);
  }
  // Node's own copy would leave the keys open to others, and they would be refused.
  for (const part of ['home', 'folder'] as const) {
    mkdirSync(place[part], { recursive: true, mode: 0o700 });
    expect(spawnSync('cp', ['-a', `${made[part]}/.`, place[part]]).status).toBe(0);
  }
}

let made: Place | undefined;

function runFour(place: Place): void {
  for (const seed of ['1', '2', '3'])
    expect(place.qpoe('run', '-q', '--seed', seed, '--label', 'sweep', '--note', 'a private note').code).toBe(
      0,
    );
  expect(place.qpoe('run', '-q', '--label', 'other').code).toBe(0);
}

/** As many records as no one would run for a test: their signatures and log entries are real. */
export async function fillMany(place: Place, count: number): Promise<void> {
  const context = makeContext(
    { home: place.home, store: place.path('.qpoe'), quiet: true },
    {},
    new AbortController().signal,
  );
  const identity = createIdentity(context.home, 'me', undefined);
  const store = openOrCreateStore(context.storePath);
  const kept: Parameters<typeof enterAllKept>[2][number][] = [];
  for (let n = 0; n < count; n++) {
    const record = await signedRecord(recordSigner(identity.ed25519), (content) => {
      delete content.source;
      delete content.workload.programs[0]!.input;
      content.execution.executed_circuits = [];
      content.execution.seeding = { requested: n };
    });
    const circuit = buildWorkload(findWorkload('clifford_t_sampling')!, record.workload.parameters);
    addRecord(store, record, [circuitBytes(circuit), utf8('raw')]);
    const folder = recordStatementsFolder(store, record.record.record_id);
    kept.push(...addStatements(store, folder, signStatement(identity, statedPayload(record))));
  }
  await enterAllKept(context, store, kept);
}

export function filesOf(path: string): Map<string, Uint8Array> {
  const { value: zip, fault } = readZip(new Uint8Array(readFileSync(path)));
  if (zip === undefined) throw new Error(fault);
  return new Map(zip.entries.map(({ name }) => [name, zip.unpack(name).value!]));
}

/** Everything in an archive as text, base64 opened as far as it goes: what someone who searches it would find. */
export function everythingIn(path: string): string {
  const texts: string[] = [];
  const open = (text: string): void => {
    texts.push(text);
    for (const [piece] of text.matchAll(/[A-Za-z0-9+/]{40,}={0,2}/g))
      open(Buffer.from(piece, 'base64').toString('utf8'));
  };
  for (const [name, bytes] of filesOf(path)) open(`${name}\n${Buffer.from(bytes).toString('utf8')}`);
  return texts.join('\n');
}

export function ownTrust({ home }: Place): Trust {
  const path = join(home, 'trust.toml');
  return { kind: 'policy', policy: parsePolicy(readFileSync(path, 'utf8'), path), path };
}
