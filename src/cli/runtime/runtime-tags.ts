/** `qpoe runtime tags`: what a receipt's binding looks like on a job, for whoever submits with another client. */

import { tagsOfBinding } from '../../record/binding-tags.ts';
import { openStore } from '../../store/store.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { provenanceNamed } from './bound-receipt.ts';

export async function runtimeTags(context: Context, receipt: string): Promise<ExitCode> {
  const provenance = await provenanceNamed(context, openStore(context.storePath), receipt);
  const tags = tagsOfBinding(provenance);
  for (const tag of tags) context.say(tag);
  context.answer('runtime-tags', { tags, provenance });
  return EXIT.pass;
}
