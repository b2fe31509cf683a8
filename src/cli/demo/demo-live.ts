/**
 * The live sample: made by the very commands, in the demo's own place. What it lacks beside the committed one is a time stamp
 * by an authority, of which there is none on this machine.
 */

import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf } from '../../core/digest.ts';
import { canonicalBytes } from '../../core/jcs.ts';
import type { JsonObject } from '../../core/json.ts';
import { moveShot } from '../../demo/counts.ts';
import { SIGNER_NAME } from '../../demo/steps.ts';
import type { ExecutionRecord, Result } from '../../record/schema.ts';
import { homeAt } from '../../store/home.ts';
import { type Identity, readIdentity } from '../../store/identity.ts';
import { createLog, type OpenLog } from '../../store/log.ts';
import { openOrCreateStore, openStore } from '../../store/store.ts';
import { pinBlock } from '../../store/trust-chain.ts';
import { formatVkey } from '../../tlog/vkey.ts';
import { submit } from '../anchor/anchor.ts';
import { attestReceipt } from '../attest/attest-receipt.ts';
import { bundle } from '../bundle/bundle.ts';
import type { Context } from '../context.ts';
import { cosign } from '../log/log-cosign.ts';
import { logFolder } from '../log/log-place.ts';
import { init } from '../machine/init.ts';
import { addLog } from '../policy/policy-log.ts';
import { keepRecord } from '../record/keep.ts';
import { findSigners } from '../record/signing.ts';
import { run } from '../run/run.ts';
import { DEMO_ORIGIN } from './demo-hands.ts';
import { answerOf, type DemoPlace } from './demo-place.ts';
import { makeRuntimeSample, type RuntimeSample } from './demo-runtime.ts';
import { type DemoSource, makeSource } from './demo-source.ts';
import { makeWitnesses } from './demo-witnesses.ts';

export interface LiveSample {
  readonly bundle: Uint8Array;
  readonly invented: Uint8Array;
  /** None without a receipt to bind to. */
  readonly runtime: RuntimeSample | undefined;
  readonly signer: Identity;
  readonly log: OpenLog;
  /** Why a layer is left out; one line each. */
  readonly without: readonly string[];
}

export interface LiveOptions {
  /** The address of an RFC 3161 authority, for the sample that is committed. */
  readonly timestamp?: string;
}

const WAIT_S = 60;

/** @param context of the demo's own place. @throws QpoeError */
export async function makeLiveSample(
  context: Context,
  place: DemoPlace,
  { timestamp }: LiveOptions = {},
): Promise<LiveSample> {
  init(context, { name: SIGNER_NAME });
  const store = openOrCreateStore(context.storePath);
  const log = createLog({
    path: logFolder(store),
    home: context.home,
    passphrase: undefined,
    origin: DEMO_ORIGIN,
  });
  const witnesses = makeWitnesses(place, log.vkey);
  addLog(context, formatVkey(log.vkey), { witness: witnesses.vkeys, quorum: witnesses.vkeys.length });
  const source = await makeSource(context, place);
  demandAll(context, source !== undefined);
  const settle = async () => {
    await cosign(context, { witness: witnesses.targets }, witnesses.post);
    return answerOf<Anchored>(context, (inner) => submit(inner, { wait: WAIT_S }));
  };
  const bundled = async (name: string) => {
    const out = join(place.path, name);
    await bundle(context, 'last', { out, ...(timestamp === undefined ? {} : { timestamp }) });
    return readFileSync(out);
  };
  const receipt = source === undefined ? undefined : await declare(context, source);
  const record = await runJob(context, receipt);
  await settle();
  const honest = await bundled('demo.qpoe.json');
  const invented = await inventRecord(context, record);
  await anchorRecord(context, place, invented, await settle());
  const lie = await bundled('invented.qpoe.json');
  return {
    bundle: honest,
    invented: lie,
    runtime: receipt === undefined ? undefined : await makeRuntimeSample(context, place, receipt, settle),
    signer: readIdentity(context.home, undefined),
    log,
    without: [
      ...(source === undefined
        ? ['no receipt of a source commit, and so no job bound to one: there is no git here']
        : []),
      ...(timestamp === undefined ? ['no RFC 3161 time stamp: there is no authority on this machine'] : []),
    ],
  };
}

/** All that this version judges. */
function demandAll({ home }: Context, receipt: boolean): void {
  const demands = `
[require.bundle]
statements = ["p256", "ml-dsa-65"]
log = true
witnesses = true
anchor = true
artifacts = true
${receipt ? 'receipt = true\n' : ''}`;
  appendFileSync(home.policy, demands);
}

async function runJob(context: Context, receipt: string | undefined): Promise<ExecutionRecord> {
  const source = receipt === undefined ? {} : { receipt };
  const options = { nQubits: 3, depth: 2, seed: 1234, shots: 1024, timeout: 60, label: 'DEMO', ...source };
  const { record } = await answerOf<{ record: ExecutionRecord }>(context, (inner) => run(inner, [], options));
  return record;
}

async function declare(context: Context, { repo, file }: DemoSource): Promise<string> {
  const { receipt_id } = await answerOf<{ receipt_id: string }>(context, (inner) =>
    attestReceipt(inner, 'HEAD', { repo, manifest: [file] }),
  );
  return receipt_id;
}

/** The signer's own lie, by the way that any record goes. @returns the record's id */
async function inventRecord(context: Context, { workload, execution, source }: ExecutionRecord) {
  const moved = moveShot(execution);
  const raw = canonicalBytes({ counts: moved.result_summary.map(countsOf), sampler: 1 });
  const content = {
    workload,
    execution: { ...moved, result_digest: digestOf(raw) },
    ...(source === undefined ? {} : { source }),
    labels: { label: 'DEMO', note: 'its counts are invented' },
  };
  const store = openStore(context.storePath);
  const { record } = await keepRecord(context, store, content, [raw], findSigners(context, {}), undefined);
  return record.record.record_id;
}

function countsOf(result: Result): JsonObject {
  return (result as { readonly counts: JsonObject }).counts;
}

interface Anchored {
  readonly chain: { readonly name: string; readonly chain_id: number; readonly contract: string };
  readonly block: { readonly number: number; readonly hash: string };
  readonly log_id?: string;
}

/** The record's own hash. Its block is pinned in the entry that names the log: one without a name would trust any log there. */
async function anchorRecord(
  context: Context,
  place: DemoPlace,
  recordId: string,
  { log_id }: Anchored,
): Promise<void> {
  const elsewhere = { ...context, home: homeAt(join(place.path, 'no-home')) };
  const { chain, block } = await answerOf<Anchored>(elsewhere, (inner) =>
    submit(inner, { wait: WAIT_S, record: recordId }),
  );
  pinBlock(context.home, { ...chain, ...(log_id === undefined ? {} : { log_id }) }, block);
}
