/** docs/schema/ is what the code says, and a second validator agrees with ours. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { readCircuit } from '../src/circuit/read-circuit.ts';
import type { JsonValue } from '../src/core/json.ts';
import { checkShape } from '../src/core/shape.ts';
import { recordSchema } from '../src/record/schema.ts';
import { newPlace } from './cli.ts';
import { BELL, newSigner, signedRecord } from './records.ts';

const folder = join(import.meta.dirname, '../docs/schema');
const schemaOf = (name: string) => JSON.parse(readFileSync(join(folder, `${name}.schema.json`), 'utf8'));
const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, formats: { 'date-time': true } });

it('docs/schema holds exactly what `qpoe schema` prints', () => {
  const place = newPlace();
  const { schemas } = JSON.parse(place.qpoe('schema', '--json').stdout);
  expect(readdirSync(folder).sort()).toEqual(schemas.map((name: string) => `${name}.schema.json`).sort());
  for (const name of schemas)
    expect(readFileSync(join(folder, `${name}.schema.json`), 'utf8'), `npm run schemas writes ${name}`).toBe(
      place.qpoe('schema', name).stdout,
    );
  expect(place.qpoe('schema', 'bundel')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('`qpoe schema` takes record, circuit, policy, bundle, config, verify'),
  });
});

describe('ajv agrees on records', async () => {
  const validate = ajv.compile(schemaOf('record'));
  const record = JSON.parse(JSON.stringify(await signedRecord(newSigner())));
  const both = (value: unknown): [boolean, boolean] => [
    validate(value),
    checkShape(recordSchema, value).fault === undefined,
  ];

  it('that are valid', () => expect(both(record)).toEqual([true, true]));

  it('of which any member is missing or of another type', () => {
    const edits: [string, unknown][] = [];
    const walk = (value: unknown, path: string[]): void => {
      if (typeof value !== 'object' || value === null) return;
      for (const name of Object.keys(value)) {
        for (const other of [undefined, null, 'x', 1, -1, [], {}, true]) {
          const copy = structuredClone(record);
          let parent = copy;
          for (const step of path) parent = parent[step];
          if (other === undefined) delete parent[name];
          else parent[name] = other;
          edits.push([[...path, name].join('.'), copy]);
        }
        walk((value as Record<string, unknown>)[name], [...path, name]);
      }
    };
    walk(record, []);
    for (const [path, value] of edits) {
      const [theirs, ours] = both(JSON.parse(JSON.stringify(value)));
      // The one rule that a pattern can't say: 30 February.
      expect(ours, path).toBe(theirs);
    }
    expect(edits.length).toBeGreaterThan(400);
  });
});

it('ajv agrees on gate lists', () => {
  const validate = ajv.compile(schemaOf('circuit'));
  expect(validate(BELL)).toBe(true);
  expect(readCircuit(BELL as unknown as JsonValue).fault).toBeUndefined();
  expect(validate({ ...BELL, qubits: 0 })).toBe(false);
  expect(validate({ ...BELL, extra: 0 })).toBe(false);
});

it('the policy and settings schemas compile', () => {
  for (const name of ['policy', 'config']) expect(() => ajv.compile(schemaOf(name))).not.toThrow();
  expect(schemaOf('policy').$id).toBe('https://quantum-proof-of-execution.dev/schema/policy.schema.json');
});
