/** docs/schema/ is what the code says, and a second validator agrees with ours. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { TomlDate } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { readCircuit } from '../src/circuit/read-circuit.ts';
import { fromUtf8, toBase64 } from '../src/core/bytes.ts';
import type { JsonValue } from '../src/core/json.ts';
import { checkShape } from '../src/core/shape.ts';
import { readToml } from '../src/core/toml.ts';
import { readBinding } from '../src/record/binding.ts';
import { recordSchema } from '../src/record/schema.ts';
import { firstPolicy, rawEd25519, spki } from '../src/store/identity.ts';
import { formatVkey, makeVkey } from '../src/tlog/vkey.ts';
import { parsePolicy, policySchema } from '../src/verify/policy.ts';
import { bindingTo, boundJob } from './bound-jobs.ts';
import { newCapture } from './captures.ts';
import { newPlace } from './cli.ts';
import { BELL, NOW, newSigner, signedRecord } from './records.ts';
import { newIdentity } from './statements.ts';

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

describe('ajv agrees on bindings', () => {
  const validate = ajv.compile(schemaOf('binding'));
  const { runtime, provenance } = bindingTo(`sha256:${'5e'.repeat(32)}`, 'log.example.org', 7);
  /** The Runtime note's example, its placeholders filled in. */
  const note = {
    runtime: { provider: 'qiskit-runtime', session_id: 'session-123', job_id: 'job-456' },
    provenance: {
      aiir_statement: `sha256:${'5e'.repeat(32)}`,
      transparency_entry: { log: 'rekor', uuid: `24296fb24b8ad77a${'9c'.repeat(32)}`, log_index: 123456 },
    },
  };
  const { transparency_entry: entry } = note.provenance;
  it.each<[string, unknown, boolean]>([
    ['the note’s', note, true],
    ['ours', { runtime, provenance }, true],
    ['of a session', { runtime: { provider: 'ibm-quantum', session_id: 's' }, provenance }, true],
    ['of nothing', { runtime: { provider: 'ibm-quantum' }, provenance }, false],
    ['with a member more', { ...note, more: 1 }, false],
    ['with a member more within', { ...note, runtime: { ...runtime, more: 1 } }, false],
    [
      'without an index',
      { ...note, provenance: { ...note.provenance, transparency_entry: { ...entry, log_index: undefined } } },
      false,
    ],
  ])('%s', (_, value, valid) => {
    const json = JSON.parse(JSON.stringify(value));
    expect([validate(json), readBinding(json).fault === undefined]).toEqual([valid, valid]);
  });

  it('inside a record too', async () => {
    const schema = schemaOf('record');
    const inRecord = ajv.getSchema(schema.$id) ?? ajv.compile(schema);
    const bound = await signedRecord(newSigner(), (content) => {
      content.execution.job = boundJob({ runtime, provenance });
    });
    const agreed = (value: unknown) => [inRecord(value), checkShape(recordSchema, value).fault === undefined];
    expect(agreed(bound)).toEqual([true, true]);
    const job = { ...bound.execution.job, binding: { ...note, more: 1 } };
    expect(agreed({ ...bound, execution: { ...bound.execution, job } })).toEqual([false, false]);
  });
});

it('ajv agrees on gate lists', () => {
  const validate = ajv.compile(schemaOf('circuit'));
  expect(validate(BELL)).toBe(true);
  expect(readCircuit(BELL as unknown as JsonValue).fault).toBeUndefined();
  expect(validate({ ...BELL, qubits: 0 })).toBe(false);
  expect(validate({ ...BELL, extra: 0 })).toBe(false);
});

describe('ajv agrees on policies', () => {
  const validate = ajv.compile(schemaOf('policy'));
  const identity = newIdentity();
  const key = rawEd25519(identity.ed25519);
  const toml = `${fromUtf8(firstPolicy('lab', identity, { level: 'strict', existedBy: NOW }))!}
[[signer]]
name = "next"
p256 = "${toBase64(spki(newIdentity().p256))}"
signs = ["record", "receipt"]
not_before = 2026-01-01T00:00:00Z
not_after = 2028-01-01T00:00:00Z
revoked_at = 2027-01-01T00:00:00Z
[[keyless]]
identity = "x"
issuer = "y"
trusted_root = "public-good"
[[log]]
vkey = "${formatVkey(makeVkey('log.example.org', 'ed25519', key))}"
witnesses = ["${formatVkey(makeVkey('w.example.org', 'cosignature-ed25519', key))}"]
quorum = 1
[[timestamp_authority]]
certificate = "tsa.pem"
[[chain]]
name = "base"
chain_id = 8453
contract = "0x${'a'.repeat(40)}"
log_id = "0x${'b'.repeat(64)}"
blocks = [ { number = 1, hash = "0x${'c'.repeat(64)}" } ]
[require]
skew = "5m"
plausibility = false
`;
  const policy = readToml(toml, 'trust.toml') as Tree;
  /** What a pattern can't say: that a text is a key, a log's or a witness's, or a time. */
  const OPAQUE =
    /\.(ed25519|p256|ml_dsa_65|not_before|not_after|revoked_at|vkey|witnesses\.\d)$|\.existed_by$/;

  it('that are whole', () => {
    expect(parsePolicy(toml, 'trust.toml').signer).toHaveLength(2);
    expect(validate(JSON.parse(JSON.stringify(policy))), JSON.stringify(validate.errors)).toBe(true);
  });

  it('of which any member is missing, of another type, or joined by an unknown one', () => {
    let changes = 0;
    for (const path of pathsOf(policy)) {
      for (const other of [undefined, 'x', 1, -1, 0.5, [], {}, true, UNKNOWN]) {
        const changed = withChange(policy, path, other);
        if (changed === undefined) continue;
        const ours = checkShape(policySchema, changed).fault === undefined;
        const theirs = validate(JSON.parse(JSON.stringify(changed)));
        const place = `${path.join('.')} = ${JSON.stringify(other)}`;
        if (OPAQUE.test(`.${path.join('.')}`) && other === 'x')
          expect([ours, theirs], place).toEqual([false, true]);
        else expect(ours, place).toBe(theirs);
        changes++;
      }
    }
    expect(changes).toBeGreaterThan(300);
  });
});

type Tree = { [name: string]: unknown };
const UNKNOWN = { unknown: 'member' };

/** Of every member at any depth; times are leaves. */
function pathsOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null || value instanceof TomlDate) return [];
  return Object.entries(value).flatMap(([name, below]) => [
    [...path, name],
    ...pathsOf(below, [...path, name]),
  ]);
}

/** @param other undefined removes the member, `UNKNOWN` adds to it one that no one knows, where it is a table */
function withChange(tree: Tree, path: readonly string[], other: unknown): Tree | undefined {
  const [name, ...rest] = path as [string, ...string[]];
  const copy = (Array.isArray(tree) ? [...tree] : { ...tree }) as Tree;
  const below = copy[name] as Tree;
  if (rest.length > 0) {
    const changed = withChange(below, rest, other);
    return changed && Object.assign(copy, { [name]: changed });
  }
  if (other === UNKNOWN) {
    const isTable = typeof below === 'object' && !Array.isArray(below) && !(below instanceof TomlDate);
    return isTable ? Object.assign(copy, { [name]: { ...below, ...UNKNOWN } }) : undefined;
  }
  if (other !== undefined) copy[name] = other;
  else if (Array.isArray(copy)) copy.splice(Number(name), 1);
  else delete copy[name];
  return copy;
}

it('the settings’ schema compiles, and schemas have their names', () => {
  expect(() => ajv.compile(schemaOf('config'))).not.toThrow();
  expect(schemaOf('policy').$id).toBe('https://quantum-proof-of-execution.dev/schema/policy.schema.json');
});

it('the capture’s schema takes what the code takes', () => {
  const validate = ajv.compile(schemaOf('capture'));
  expect(validate(newCapture())).toBe(true);
  expect(validate(newCapture({ capture: 2 }))).toBe(false);
  expect(validate(newCapture({ more: 1 }))).toBe(false);
  expect(validate(newCapture({ programs: [] }))).toBe(false);
});
