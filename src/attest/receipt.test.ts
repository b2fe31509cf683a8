import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aReceipt, stamped } from '../../test/receipts.ts';
import { toHex, utf8 } from '../core/bytes.ts';
import { sha256 } from '../core/digest.ts';
import { parsePythonJson } from '../core/python-json.ts';
import { checkReceiptHash, type Receipt, readReceipt } from './receipt.ts';

type Json = Record<string, unknown>;
type Path = readonly string[];

const parsed = (value: unknown) =>
  parsePythonJson(utf8(JSON.stringify(value)), { bytes: 1e6, depth: 1000, items: 1e6 });

function read(value: unknown): Receipt {
  const { value: receipt, fault } = readReceipt(parsed(value));
  expect(fault).toBeUndefined();
  return receipt!;
}

function judge(value: unknown): string | undefined {
  const { value: receipt, fault } = readReceipt(parsed(value));
  return receipt === undefined ? fault : checkReceiptHash(receipt)?.fault;
}

const whole = stamped(aReceipt());
const CORE = ['type', 'schema', 'version', 'commit', 'ai_attestation', 'provenance'];

/** Every place in a value, its leaves and what holds them. */
function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([name, item]) => pathsOf(item, [...path, name]))];
}

function edit(value: unknown, [name, ...rest]: Path, change: (old: unknown) => unknown): unknown {
  if (name === undefined) return change(value);
  const copy = (Array.isArray(value) ? [...value] : { ...(value as Json) }) as Json;
  copy[name] = edit(copy[name], rest, change);
  return copy;
}

const corePaths = CORE.flatMap((name) => pathsOf(whole[name], [name]));
/** Anything JSON has, and nothing that the parser refuses. */
const json = fc.jsonValue({ maxDepth: 2 }).filter((value) => parses(value));
function parses(value: unknown): boolean {
  try {
    parsed(value);
    return true;
  } catch {
    return false;
  }
}

describe('the hash', () => {
  it('holds, and is of the six members', () => {
    expect(judge(whole)).toBeUndefined();
    expect(new TextDecoder().decode(read(whole).core)).toMatch(
      /^{"ai_attestation":.*Ada Lovelace \\u2713.*"version":"1.2.5"}$/,
    );
  });

  it('doesn’t hold once any place in the core is another', () => {
    fc.assert(
      fc.property(fc.constantFrom(...corePaths), json, (path, value) => {
        let same = false;
        const edited = edit(whole, path, (old) => {
          same = JSON.stringify(old) === JSON.stringify(value);
          return value;
        });
        fc.pre(!same);
        expect(judge(edited)).toBeTruthy();
      }),
      { numRuns: 2000 },
    );
  });

  it.each(corePaths.map((path) => [path.join('.'), path] as const))('doesn’t hold without %s', (_, path) => {
    const { name, parent } = { name: path.at(-1)!, parent: path.slice(0, -1) };
    const without = edit(whole, parent, (old) =>
      Array.isArray(old)
        ? old.filter((_item, i) => String(i) !== name)
        : Object.fromEntries(Object.entries(old as Json).filter(([key]) => key !== name)),
    );
    expect(judge(without)).toBeTruthy();
  });

  it('doesn’t hold with one more member anywhere in the core', () => {
    const objects = corePaths.filter((path) => {
      let found: unknown = whole;
      for (const name of path) found = (found as Json)[name];
      return typeof found === 'object' && !Array.isArray(found);
    });
    for (const path of objects)
      expect(judge(edit(whole, path, (old) => ({ ...(old as Json), extra: null })))).toBeTruthy();
  });

  it('says nothing of what is outside the core: only a signature does', () => {
    fc.assert(
      fc.property(fc.constantFrom('extensions', 'timestamp', 'injected_admin'), json, (name, value) => {
        expect(judge({ ...whole, [name]: value })).toBeUndefined();
      }),
    );
  });

  it('is the same whatever the order and the spaces', () => {
    const reversed = Object.fromEntries(Object.entries(whole).reverse());
    expect(
      checkReceiptHash(readReceipt(parsePythonJson(utf8(JSON.stringify(reversed, null, 3)))).value!),
    ).toBeUndefined();
  });

  it.each([
    ['no hash', { content_hash: undefined }, 'content hash mismatch', 'receipt.content_hash'],
    ['no id', { receipt_id: undefined }, 'receipt_id mismatch', 'receipt.id'],
    [
      'neither',
      { content_hash: null, receipt_id: 7 },
      'content hash mismatch, receipt_id mismatch',
      'receipt.content_hash',
    ],
    [
      'the digits without their prefix',
      { content_hash: String(whole.content_hash).slice(7) },
      'content hash mismatch',
      'receipt.content_hash',
    ],
    ['capitals', { receipt_id: String(whole.receipt_id).toUpperCase() }, 'receipt_id mismatch', 'receipt.id'],
    ['a longer id', { receipt_id: `${whole.receipt_id}0` }, 'receipt_id mismatch', 'receipt.id'],
  ])('with %s stated doesn’t hold', (_, change, fault, code) => {
    expect(checkReceiptHash(read({ ...whole, ...change }))).toEqual({ fault, code });
  });

  it('is never told to whoever got it wrong', () => {
    const receipt = read({ ...whole, version: '6.6.6' });
    const right = toHex(sha256(receipt.core));
    const said = JSON.stringify([checkReceiptHash(receipt), { ...receipt, core: undefined }]);
    expect(said).not.toContain(right.slice(0, 8));
  });
});

describe('a receipt', () => {
  it('is summed up for people', () => {
    expect(read(whole)).toMatchObject({
      schema: 'aiir/commit_receipt.v2',
      version: '1.2.5',
      commitSha: 'a'.repeat(40),
      repository: 'https://example.org/repo',
      generator: 'aiir.cli',
      authorship: {
        aiAuthored: true,
        botAuthored: false,
        authorshipClass: 'ai_assisted',
        signals: ['co-authored-by: copilot'],
        botSignals: [],
        detectionMethod: 'heuristic_v2',
      },
      agent: { tool: 'copilot', model: 'a-model', confidence: 'declared', context: undefined },
      timestamp: '2026-03-09T00:00:00Z',
    });
  });

  it('of any schema of AIIR holds, with whatever in its core', () => {
    const odd = stamped({
      type: 'aiir.commit_receipt',
      schema: 'aiir/x',
      version: '0.0.0',
      commit: [1.0, 1e-7, 2 ** 60],
    });
    expect(judge(odd)).toBeUndefined();
    expect(read(odd)).toMatchObject({ commitSha: undefined, agent: undefined, authorship: { signals: [] } });
  });

  it.each([
    ['another type', { type: 'other' }, 'receipt.type', 'unknown receipt type "other"'],
    ['no type', { type: undefined }, 'receipt.type', 'unknown receipt type'],
    ['another schema', { schema: 'other/aiir/v1' }, 'receipt.schema', 'unknown schema "other/aiir/v1"'],
    ['a schema that is no text', { schema: 42 }, 'receipt.schema', 'unknown schema'],
    ['markup for a version', { version: '<b>' }, 'receipt.version', 'invalid version format "<b>"'],
    [
      'a version and a line',
      { version: '1.2.5\n' },
      'receipt.version',
      'invalid version format "1.2.5\\u{a}"',
    ],
  ])('with %s is none', (_, change, code, fault) => {
    expect(readReceipt(parsed(stamped({ ...whole, ...change })))).toEqual({ fault, code });
  });

  it('may be 64 levels deep in its core, and not one more, and any depth outside', () => {
    // The core is level 0, `commit` level 1: `levels` arrays in it end at level 1 + levels.
    const deep = (levels: number): unknown => (levels === 0 ? 0 : [deep(levels - 1)]);
    expect(judge(stamped({ ...aReceipt(), commit: deep(63) }))).toBeUndefined();
    expect(readReceipt(parsed({ ...whole, commit: deep(64) }))).toMatchObject({ code: 'receipt.depth' });
    expect(judge({ ...whole, extensions: deep(100) })).toBeUndefined();
  });
});
