import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { anchorTree, headOf } from '../../test/anchors.ts';
import { fullBundle, withEntries } from '../../test/bundles.ts';
import { NOW } from '../../test/records.ts';
import { cosign, newWitness } from '../../test/witnesses.ts';
import { fromUtf8, utf8 } from '../core/bytes.ts';
import type { JsonObject } from '../core/json.ts';
import { firstPolicy } from '../store/identity.ts';
import { formatVkey } from '../tlog/vkey.ts';
import { type Policy, type PolicySigner, parsePolicy, policySchema } from './policy.ts';
import {
  bundleDemands,
  DEMAND_NAMES,
  DEMANDS,
  demandsOf,
  LEVEL_NAMES,
  LEVELS,
  levelOf,
} from './policy-levels.ts';
import { lintPolicy } from './policy-lint.ts';
import { verifyBytes } from './verify.ts';

it('every demand that a policy can make has its meaning', () => {
  const { require } = policySchema.shape;
  const { bundle, plausibility, skew, ...others } = require._zod.def.innerType.shape;
  expect([plausibility, skew, others]).toEqual([expect.anything(), expect.anything(), {}]);
  const { statements, ...flags } = bundle._zod.def.innerType.shape;
  const algorithms = statements._zod.def.innerType._zod.def.element.def.entries;
  expect([...Object.keys(algorithms), ...Object.keys(flags), 'plausibility']).toEqual(
    expect.arrayContaining([...DEMAND_NAMES]),
  );
  expect(DEMAND_NAMES).toHaveLength(Object.keys(algorithms).length + Object.keys(flags).length + 1);
});

describe('the levels', () => {
  it('ask each for all that the one before asks', () => {
    for (const [at, level] of LEVEL_NAMES.slice(1).entries())
      expect(LEVELS[level].demands).toEqual(
        expect.arrayContaining([...LEVELS[LEVEL_NAMES[at]!].demands] as never),
      );
  });
  it('end with one that asks for everything that is judged, but for a date and plausibility', () => {
    const judged = DEMAND_NAMES.filter((demand) => !['existed_by', 'plausibility'].includes(demand));
    expect(LEVELS.strict.demands).toEqual(judged);
  });
  it.each(LEVEL_NAMES)('%s is what its own policy demands, with or without a date', (level) => {
    const policy: Policy = { version: 1, require: { bundle: bundleDemands(level) } };
    expect(demandsOf(policy)).toEqual(LEVELS[level].demands);
    expect(levelOf(policy)).toBe(level);
    const dated = { ...policy, require: { bundle: { ...policy.require!.bundle, existed_by: NOW } } };
    expect(levelOf(dated)).toBe(level);
    expect(demandsOf(dated)).toContain('existed_by');
  });
  it('are no other demands', () => {
    const asking = (require: Policy['require']) => levelOf({ version: 1, require });
    expect(asking({ bundle: { log: true } })).toBeUndefined();
    expect(asking({ bundle: { ...bundleDemands('lab'), binding: true } })).toBeUndefined();
    expect(asking({ plausibility: true })).toBeUndefined();
    expect(asking({ plausibility: false, bundle: { log: false, statements: [] } })).toBe('own');
  });
});

describe('a first policy', async () => {
  const { identity } = await fullBundle();
  const textAt = (level: (typeof LEVEL_NAMES)[number], existedBy?: number) =>
    fromUtf8(firstPolicy('lab "2026"', identity, { level, existedBy }))!;

  it.each(LEVEL_NAMES)('at %s says what its level asks, and why', (level) => {
    const text = textAt(level);
    const policy = parsePolicy(text, 'trust.toml');
    expect(policy.signer).toEqual([expect.objectContaining({ name: 'lab "2026"' })]);
    expect([levelOf(policy), policy.require]).toEqual([
      level,
      level === 'own' ? undefined : { bundle: bundleDemands(level) },
    ]);
    for (const demand of LEVELS[level].demands) expect(text).toContain(`${DEMANDS[demand]}.`);
    expect(text).toMatch(/[^\n]\n$/);
  });
  it('demands a date where one is given', () => {
    const policy = parsePolicy(textAt('own', NOW), 'trust.toml');
    expect(policy.require).toEqual({ bundle: { existed_by: NOW } });
    expect(parsePolicy(textAt('strict', NOW), 'trust.toml').require!.bundle).toEqual({
      ...bundleDemands('strict'),
      existed_by: NOW,
    });
  });
  it('takes no name that could hide', () => {
    for (const name of ['', 'a\nb', 'a\u202e', 'x'.repeat(201)])
      expect(() => firstPolicy(name, identity, { level: 'own' })).toThrow(/can't be a signer's name/);
  });
});

describe('strict', async () => {
  const full = await fullBundle();
  const witness = newWitness('w.example.org');
  const content = JSON.parse(fromUtf8(full.bytes)!) as JsonObject & { readonly statements: JsonObject[] };
  const seen = NOW / 1000 + 60;

  /** Each log entry's checkpoint, as the witness has cosigned it. */
  const statements = content.statements.map((statement) => {
    const { tlogEntries = [] } = statement.verificationMaterial as { tlogEntries?: readonly JsonObject[] };
    return withEntries(
      statement,
      ...tlogEntries.map((entry) => {
        const proof = entry.inclusionProof as JsonObject & { readonly checkpoint: { envelope: string } };
        const checkpoint = { envelope: cosign(proof.checkpoint.envelope, witness, seen) };
        return { ...entry, inclusionProof: { ...proof, checkpoint } };
      }),
    );
  });
  const logged = statements.find((one) => JSON.stringify(one).includes('"treeSize":"2"'))!;
  const { tlogEntries } = logged.verificationMaterial as unknown as { tlogEntries: [JsonObject] };
  const { anchor, chain } = anchorTree(headOf(tlogEntries[0]), { timestamp: seen + 60 });
  const bundle = { ...content, statements, anchors: [anchor] };
  const { policy: own } = full.trust as Extract<typeof full.trust, { kind: 'policy' }>;
  const policy: Policy = {
    version: 1,
    signer: own.signer,
    log: [{ ...own.log![0]!, witnesses: [formatVkey(witness.vkey)] }],
    chain: [chain],
    require: { bundle: bundleDemands('strict') },
  };
  const judge = (evidence: object, asked = policy) =>
    verifyBytes(utf8(JSON.stringify(evidence)), { kind: 'policy', path: 'trust.toml', policy: asked }, NOW);

  it('is passed by the full bundle', async () => {
    expect(await judge(bundle)).toMatchObject({ verdict: 'pass' });
  });
  const isReceipt = (statement: JsonObject): boolean => JSON.stringify(statement).includes('"treeSize":"1"');
  const payloadOf = (statement: JsonObject) => (statement.dsseEnvelope as JsonObject).payload;
  const declared = payloadOf(statements.find(isReceipt)!);
  const without = (drop: (one: JsonObject) => boolean) => statements.filter((one) => !drop(one));
  it.each<[string, object, string]>([
    [
      'its P-256 statement',
      { statements: without((one) => one === logged), anchors: [] },
      'statement.signature',
    ],
    [
      'its ML-DSA-65 statement',
      {
        statements: statements.filter((one) =>
          Object.hasOwn(one.verificationMaterial as object, 'tlogEntries'),
        ),
      },
      'statement.signature',
    ],
    ['its receipt', { statements: without((one) => payloadOf(one) === declared) }, 'receipt.signature'],
    ['what it is bound to', { statements: without((one) => payloadOf(one) === declared) }, 'binding.match'],
    [
      'the log’s entry that it is bound to',
      { statements: statements.map((one) => (isReceipt(one) ? withEntries(one) : one)) },
      'binding.match',
    ],
    ['its witness', { statements: content.statements }, 'log.witnesses'],
    ['its anchor', { anchors: [] }, 'anchor.block'],
    ['an artifact', { artifacts: {} }, 'artifact.digest'],
    [
      'its log',
      { statements: statements.map((one) => (isReceipt(one) ? one : withEntries(one))), anchors: [] },
      'log.inclusion',
    ],
  ])('is INCOMPLETE without %s', async (_, change, missing) => {
    const verdict = await judge({ ...bundle, ...change });
    expect(verdict.verdict).toBe('inconclusive');
    expect(verdict.headline).toMatch(/^INCOMPLETE: /);
    expect(verdict.checks).toContainEqual(expect.objectContaining({ id: missing, status: 'missing' }));
  });

  const [signer] = own.signer as [PolicySigner];
  const { p256: _, ...unstated } = signer;
  const { ml_dsa_65: __, ...classical } = signer;
  const { blocks: ___, ...unpinned } = chain;
  const DAY = 86_400_000;
  it.each<[string, Partial<Policy>]>([
    ['as it is', {}],
    ['without a signer', { signer: [] }],
    ['without its P-256 key', { signer: [unstated] }],
    ['without its ML-DSA-65 key', { signer: [classical] }],
    ['with a signer of receipts alone', { signer: [{ ...signer, signs: ['receipt'] }] }],
    ['with a signer of records alone', { signer: [{ ...signer, signs: ['record'] }] }],
    ['without a log', { log: [] }],
    ['without witnesses', { log: [own.log![0]!] }],
    ['without a chain', { chain: [] }],
    ['without a block', { chain: [unpinned] }],
    ['with a window and all its clocks', { signer: [{ ...signer, not_after: NOW + DAY }] }],
    [
      'with a window and no clock',
      { signer: [{ ...signer, not_after: NOW + DAY }], log: [own.log![0]!], chain: [], require: {} },
    ],
    [
      'with a window and a block',
      { signer: [{ ...signer, not_after: NOW + DAY }], log: [own.log![0]!], require: {} },
    ],
    ['asking for a binding alone', { require: { bundle: { binding: true } } }],
  ])('%s: the lint warns exactly where its full bundle doesn’t pass', async (_, change) => {
    const asked = { ...policy, ...change };
    const warnings = lintPolicy(asked, { now: NOW, faults: new Map(), clocks: new Set() }).filter(
      ({ level }) => level === 'warning',
    );
    expect((await judge(bundle, asked)).verdict).toBe(warnings.length === 0 ? 'pass' : 'inconclusive');
  });
});

it('docs/policy.md lists what each level demands, and what each demand means', () => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/policy.md'), 'utf8');
  const tick = (on: boolean): string => (on ? '✓' : '');
  const rows = DEMAND_NAMES.map((demand) =>
    [
      `\`${demand}\``,
      DEMANDS[demand],
      ...LEVEL_NAMES.map((level) => tick((LEVELS[level].demands as readonly string[]).includes(demand))),
    ].join(' | '),
  );
  const table = [
    `| demand | is | ${LEVEL_NAMES.map((level) => `\`${level}\``).join(' | ')} |`,
    `| --- | --- |${' --- |'.repeat(LEVEL_NAMES.length)}`,
    ...rows.map((row) => `| ${row} |`),
  ].join('\n');
  expect(text).toContain(table);
  for (const level of LEVEL_NAMES) expect(text).toContain(`**\`${level}\`**: ${LEVELS[level].for}.`);
});
