/** The receipt that a person names, as what a job is bound to. */

import type { BoundProvenance } from '../../record/binding.ts';
import { provenanceOf } from '../../runtime/receipt-entry.ts';
import { findReceipt } from '../../store/receipts.ts';
import type { Store } from '../../store/store.ts';
import type { Context } from '../context.ts';
import { describeSource } from '../record/source.ts';

/** @throws QpoeError `refused` where it isn't intact, or in no log */
export async function provenanceNamed(
  context: Context,
  store: Store,
  receipt: string,
): Promise<BoundProvenance> {
  const { source } = await describeSource(context, store, { receipt });
  const { statement, file } = source!.receipt!;
  return provenanceOf(findReceipt(store, (statement ?? file)!));
}
