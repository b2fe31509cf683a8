/**
 * The Runtime part of the sample: two jobs bound to the source's receipt, by the very commands, against the emulator in this
 * process. Of the second, someone with access changes a tag before it is imported.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { utf8 } from '../../core/bytes.ts';
import { digestOf } from '../../core/digest.ts';
import { replaceTags } from '../../runtime/client.ts';
import { type Emulator, startEmulator } from '../../runtime/emulator/emulator.ts';
import type { Context } from '../context.ts';
import { bundleRuntime } from '../runtime/runtime-bundle.ts';
import { importRuntime } from '../runtime/runtime-import.ts';
import { openRuntime } from '../runtime/runtime-session.ts';
import { submitRuntime } from '../runtime/runtime-submit.ts';
import { answerOf, type DemoPlace } from './demo-place.ts';

export interface RuntimeSample {
  readonly bound: Uint8Array;
  readonly retagged: Uint8Array;
}

/** In the emulated device's own gates, so that no Qiskit is needed: a Bell pair. */
const CIRCUIT = `OPENQASM 3.0;
include "stdgates.inc";
bit[2] c;
rz(pi/2) $0;
sx $0;
rz(pi/2) $0;
rz(pi/2) $1;
sx $1;
rz(pi/2) $1;
cz $0, $1;
rz(pi/2) $1;
sx $1;
rz(pi/2) $1;
c[0] = measure $0;
c[1] = measure $1;
`;

/** @param settle has the log cosigned and anchored, once both records are in it */
export async function makeRuntimeSample(
  context: Context,
  place: DemoPlace,
  receipt: string,
  settle: () => Promise<unknown>,
): Promise<RuntimeSample> {
  const [bound, retagged] = await withEmulator(context, async (inner, emulator) => [
    await submit(inner, place, receipt, 'bound'),
    await retag(inner, emulator, await submit(inner, place, receipt, 'retagged')),
  ]);
  await settle();
  const bundled = async (id: string) => {
    const out = join(place.path, `${id}.qpoe.json`);
    await bundleRuntime(context, id, { out, offline: true });
    return readFileSync(out);
  };
  return { bound: await bundled(bound!), retagged: await bundled(retagged!) };
}

async function withEmulator<T>(
  context: Context,
  use: (context: Context, emulator: Emulator) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);
  const python = { cacheDir: '', env: {} };
  const emulator = await startEmulator({ signal, python, seed: 1234, note: context.note });
  try {
    return await use(
      { ...context, environment: { ...context.environment, ...emulator.environment } },
      emulator,
    );
  } finally {
    stop.abort();
    await emulator.closed;
  }
}

/** A job of its own each time, though the circuit is the same; the one to be retagged isn't imported yet. @returns its id */
async function submit(
  context: Context,
  { path }: DemoPlace,
  receipt: string,
  label: string,
): Promise<string> {
  const file = join(path, `${label}.qasm`);
  writeFileSync(file, CIRCUIT);
  const options = { backend: 'qpoe_synthetic', asIs: true, shots: 1024, seed: 1, optimization: 1 };
  const { job_id } = await answerOf<{ job_id: string }>(context, (inner) =>
    submitRuntime(inner, [file], {
      ...options,
      receipt,
      label: `DEMO ${label}`,
      detach: label === 'retagged',
      again: true,
    }),
  );
  return job_id;
}

/** The tag that names the receipt names another from now on: anyone with access may, and the provider keeps no trace of it. */
async function retag(context: Context, emulator: Emulator, id: string): Promise<string> {
  const { client } = await openRuntime(context, { unsigned: true });
  const other = `aiir:${digestOf(utf8('another receipt’s statement'))}`;
  const tags = emulator.job(id).tags.map((tag) => (tag.startsWith('aiir:') ? other : tag));
  await emulator.idle();
  await replaceTags(client, id, tags);
  await importRuntime(context, [id], {});
  return id;
}
