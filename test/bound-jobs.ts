/** The job of a record whose source was declared, logged and tagged, as an importer writes it down. */

import type { Digest } from '../src/core/digest.ts';
import type { JsonObject } from '../src/core/json.ts';
import type { Binding } from '../src/record/binding.ts';
import { tagsOfBinding } from '../src/record/binding-tags.ts';

export const JOB_ID = 'd1bound0job';

export function bindingTo(statement: Digest, log: string, index: number, job = JOB_ID): Binding {
  return {
    runtime: { provider: 'ibm-quantum', session_id: `s-${job}`, job_id: job },
    provenance: { aiir_statement: statement, transparency_entry: { log, log_index: index } },
  };
}

export function boundJob(binding: Binding): JsonObject {
  const { provider, ...handles } = binding.runtime;
  const tags = ['sweep', ...tagsOfBinding(binding.provenance)];
  return { provider, ...handles, tags, binding: binding as unknown as JsonObject };
}
