/** `--receipt`: which source a record came from, and the receipt that says so. */

import { QpoeError } from '../../core/error.ts';
import { WRAPPED } from '../../core/json.ts';
import type { RecordContent } from '../../record/record.ts';
import { sourceOf } from '../../runtime/receipt-entry.ts';
import { lookAt, readBounded, readOwn } from '../../store/files.ts';
import { readOwnPolicy } from '../../store/home.ts';
import { addReceiptFile, type FoundReceipt, findReceipt, readReceiptFile } from '../../store/receipts.ts';
import type { Store } from '../../store/store.ts';
import type { Trust } from '../../verify/trust.ts';
import { verifyBytes } from '../../verify/verify.ts';
import { readClock } from '../clock.ts';
import type { Context } from '../context.ts';
import { readBeside } from '../verify/beside.ts';
import { evidenceMeans } from '../verify/evidence-means.ts';

export interface SourceOptions {
  /** A receipt of the store, by its id, or a file that holds one. */
  readonly receipt?: string;
}

export async function describeSource(
  context: Context,
  store: Store,
  { receipt: named }: SourceOptions,
): Promise<Pick<RecordContent, 'source'>> {
  if (named === undefined) return {};
  const stats = lookAt(named);
  if (stats?.isSymbolicLink()) throw new QpoeError('unsafe', `${named} is a link`, 'name the receipt itself');
  const found = stats?.isFile()
    ? await importFile(context, store, named)
    : await findJudged(context, store, named);
  return sourceOf(found, named);
}

async function findJudged(context: Context, store: Store, id: string): Promise<FoundReceipt> {
  const found = findReceipt(store, id);
  await judge(context, found.file, readOwn(found.file, WRAPPED.bytes));
  return found;
}

/** Kept in the store, so that the record's bundle can carry it. */
async function importFile(context: Context, store: Store, path: string): Promise<FoundReceipt> {
  const bytes = readBounded(path, WRAPPED.bytes);
  const found = readReceiptFile(bytes);
  if (found === undefined)
    throw new QpoeError(
      'usage',
      `${path} does not hold one receipt that is intact`,
      '`qpoe verify` says what is wrong with it',
    );
  await judge(context, path, bytes);
  addReceiptFile(store, found, bytes, found.payload === undefined ? readBeside(path) : undefined);
  return found;
}

/** What fails is refused; what your policy doesn't know is said. */
async function judge({ home, note }: Context, path: string, bytes: Uint8Array): Promise<void> {
  const policy = readOwnPolicy(home);
  const trust: Trust =
    policy === undefined ? { kind: 'nobody' } : { kind: 'policy', policy, path: home.policy };
  const verdict = await verifyBytes(bytes, trust, readClock(), {
    ...(await evidenceMeans(trust)),
    readBeside: () => readBeside(path),
  });
  if (verdict.verdict === 'fail')
    throw new QpoeError(
      'refused',
      `the receipt ${path}: ${verdict.headline}`,
      `qpoe verify ${path} says more`,
    );
  if (verdict.verdict !== 'pass') note(`the receipt ${path}: ${verdict.headline}`);
}
