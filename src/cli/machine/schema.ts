/** `qpoe schema`: the JSON Schemas of the formats, made from the code's own. */

import * as z from 'zod/mini';
import { circuitSchema } from '../../circuit/read-circuit.ts';
import { utf8 } from '../../core/bytes.ts';
import { QpoeError } from '../../core/error.ts';
import { schemaId } from '../../core/identifiers.ts';
import { checklistSchema } from '../../publish/checklist.ts';
import { linkSchema } from '../../publish/link.ts';
import { manifestSchema } from '../../publish/manifest.ts';
import { openingSchema } from '../../publish/opening-file.ts';
import { reproductionSchema } from '../../publish/reproduction.ts';
import { bindingSchema } from '../../record/binding.ts';
import { captureSchema } from '../../record/capture.ts';
import { recordSchema } from '../../record/schema.ts';
import { configSchema } from '../../store/config.ts';
import { bundleSchema } from '../../verify/bundle.ts';
import { policySchema } from '../../verify/policy.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { writeOut } from '../output.ts';
import { verifyAnswerSchema } from '../verify/verify-answer.ts';
import { SCHEMA_NAMES, type SchemaName } from './schema-names.ts';

const SCHEMAS: Readonly<Record<SchemaName, { readonly schema: z.ZodMiniType; readonly title: string }>> = {
  record: { schema: recordSchema, title: 'qpoe execution record, version 1.0' },
  circuit: { schema: circuitSchema, title: 'qpoe canonical gate list, version 1' },
  policy: { schema: policySchema, title: 'qpoe policy (trust.toml), version 1' },
  bundle: { schema: bundleSchema, title: 'qpoe evidence bundle, version 1' },
  config: { schema: configSchema, title: 'qpoe settings (config.toml)' },
  verify: { schema: verifyAnswerSchema, title: 'answer of `qpoe verify --json`, version 1' },
  capture: { schema: captureSchema, title: 'qpoe capture of a job, version 1' },
  binding: { schema: bindingSchema, title: 'qpoe binding of a provider’s job, version 1' },
  publication: { schema: manifestSchema, title: 'qpoe manifest of an archive, version 1' },
  opening: { schema: openingSchema, title: 'qpoe opening of a withheld value, version 1' },
  link: { schema: linkSchema, title: 'qpoe link of an anonymous archive, version 1' },
  reproduction: { schema: reproductionSchema, title: 'qpoe reproduction of an archive, version 1' },
  checklist: { schema: checklistSchema, title: 'qpoe checklist for archives, version 1' },
};

export function schema(context: Context, name: string | undefined, { out }: { out?: string }): ExitCode {
  if (name === undefined) {
    for (const known of SCHEMA_NAMES) context.say(`${known.padEnd(11)} ${SCHEMAS[known].title}`);
    context.answer('schema', { schemas: SCHEMA_NAMES });
    return EXIT.pass;
  }
  const text = schemaText(name);
  if (context.json && out === undefined) {
    context.answer('schema', { name, schema: JSON.parse(text) });
    return EXIT.pass;
  }
  if (out === undefined) process.stdout.write(text);
  else writeOut(out, utf8(text));
  return EXIT.pass;
}

/** @throws QpoeError `usage` for a name that is none */
export function schemaText(name: string): string {
  if (!Object.hasOwn(SCHEMAS, name))
    throw new QpoeError('usage', `no schema "${name}"`, `\`qpoe schema\` takes ${SCHEMA_NAMES.join(', ')}`);
  const { schema, title } = SCHEMAS[name as SchemaName];
  const { $schema, ...body } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    // The one custom type is TOML's date and time, which JSON writes as text.
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema._zod.def.type === 'custom')
        Object.assign(jsonSchema, { type: 'string', format: 'date-time' });
    },
  });
  return JSON.stringify({ $schema, $id: schemaId(name), title, ...body }, null, 2) + '\n';
}
