/** What `qpoe runtime` needs before it asks anything: the account, the store, who signs. */

import { QpoeError } from '../../core/error.ts';
import { isJsonObject } from '../../core/json.ts';
import { findAccount } from '../../runtime/account.ts';
import { qpyExporter } from '../../runtime/export-qpy.ts';
import { type ImportSession, type KeepContent, type Keeper, openSession } from '../../runtime/session.ts';
import { cacheFolder } from '../../sdk/cache.ts';
import { openOrCreateStore, recordPath, type Store } from '../../store/store.ts';
import { readClock } from '../clock.ts';
import type { Context } from '../context.ts';
import { completeStatements, keepAllMade, type Made, makeStated } from '../record/keep.ts';
import { findSigners, type Signers, type SigningOptions } from '../record/signing.ts';
import { readRecordFile } from '../show/read-record.ts';
import { VERSION } from '../version.ts';

export interface RuntimeOptions extends SigningOptions {
  readonly account?: string;
  readonly instance?: string;
  readonly python?: string;
  /** `false`: --no-binding. */
  readonly binding?: boolean;
}

export async function openRuntime(context: Context, options: RuntimeOptions): Promise<ImportSession> {
  const { environment, config, signal } = context;
  const account = findAccount(options, environment, context.note);
  const signers = findSigners(context, options);
  const store = openOrCreateStore(context.storePath);
  const qpy = qpyExporter(
    {
      python: options.python ?? (environment.QPOE_PYTHON || config.python),
      cacheDir: cacheFolder(environment),
      env: environment,
    },
    signal,
  );
  const keeper = keeperOf(context, store, signers);
  return openSession(account, {
    store,
    keeper,
    qpy,
    version: VERSION,
    now: readClock,
    signal,
    withoutBinding: options.binding === false,
  });
}

function keeperOf(context: Context, store: Store, signers: Signers): Keeper {
  const read = (id: string) => readRecordFile(recordPath(store, id));
  return {
    keepAll: async (contents) => {
      const made: (Made | QpoeError)[] = [];
      for (const one of contents) made.push(await makeOrSayWhy(context, signers, one));
      await keepAllMade(
        context,
        store,
        made.filter((one): one is Made => !(one instanceof QpoeError)),
      );
      return made.map((one) => (one instanceof QpoeError ? one : one.record.record.record_id));
    },
    complete: (id) => completeStatements(context, store, read(id), signers),
    jobOf: (id) => {
      const { job } = read(id).execution;
      return isJsonObject(job) && typeof job.job_id === 'string' ? job.job_id : undefined;
    },
  };
}

/** What would not verify is that one job's matter, and costs no other its record. */
async function makeOrSayWhy(
  context: Context,
  signers: Signers,
  { content, objects, openings }: KeepContent,
): Promise<Made | QpoeError> {
  try {
    return { ...(await makeStated(context, content, signers)), objects, openings };
  } catch (error) {
    if (!(error instanceof QpoeError) || error.code !== 'refused') throw error;
    return error;
  }
}
